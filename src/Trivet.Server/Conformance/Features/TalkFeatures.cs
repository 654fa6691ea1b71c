using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>Text, instructions, turns, media.</summary>
internal static class TalkFeatures
{
    private const string Text = "Text and instructions";
    private const string Media = "Images, documents, audio";
    private const string Awkward = "Tabs\tand \"quotes\" and \\ backslashes, <b>&amp;</b>,\nnew lines, 你好, ελληνικά, 😀👩‍👩‍👧, \u00a0\u2028 and \u0001.";

    private static readonly Piece Pdf = new(PieceKind.Document) { MediaType = "application/pdf", Data = Convert.ToBase64String("%PDF-1.4 sandbox"u8) };

    public static IReadOnlyList<Feature> All { get; } =
    [
        new(Text, "plain text", Talk.Asking("Say something.")),
        new(Text, "unicode and escapes", Talk.Asking(Awkward) with { System = [Piece.OfText(Awkward)] }) { Model = "echo" },
        new(Text, "a long answer", Talk.Asking("Go on.")) { Model = "text-400" },
        new(Text, "several text blocks in a turn", new Talk { Turns = [Said.ByUser(Piece.OfText("One."), Piece.OfText("Two."))] }),
        new(Text, "instructions as a string", Talk.Asking("Hi.") with { System = [Piece.OfText("Be brief.")] }),
        new(Text, "instructions as an array", Talk.Asking("Hi.") with { System = [Piece.OfText("Be brief."), Piece.OfText("Be kind.")], SystemAsArray = true }),
        new(Text, "instructions by developer", Talk.Asking("Hi.") with { System = [Piece.OfText("Be brief.")], SystemAsDeveloper = true }),
        new(Text, "instructions in mid-conversation", new Talk { Turns = [Said.ByUser("One."), Said.ByAssistant(Piece.OfText("Two.")), Said.ByUser("Three."), new Said("system", [Piece.OfText("Now rhyme.")])] }),
        new(Text, "several turns", new Talk { Turns = [Said.ByUser("One."), Said.ByAssistant(Piece.OfText("Two.")), Said.ByUser("Three."), Said.ByAssistant(Piece.OfText("Four.")), Said.ByUser("Five.")] }),
        new(Text, "two turns of one side in a row", new Talk { Turns = [Said.ByUser("One."), Said.ByUser("Two."), Said.ByAssistant(Piece.OfText("Three.")), Said.ByUser("Four.")] }),
        new(Text, "an assistant's beginning to go on from", new Talk { Turns = [Said.ByUser("[[say One two three.]]"), Said.ByAssistant(Piece.OfText("One two"))] }),
        new(Text, "an empty answer", Talk.Asking("Say nothing.")) { Respond = """{"content":[],"stop":"end"}""" },
        new(Text, "empty instructions", Talk.Asking("Hi.") with { System = [Piece.OfText("")] }),

        new(Media, "image as data", new Talk { Turns = [Said.ByUser(Piece.OfText("What is it?"), Piece.OfImage("image/png", Samples.Png))] }),
        new(Media, "image by URL", new Talk { Turns = [Said.ByUser(Piece.OfText("What is it?"), new Piece(PieceKind.Image) { Url = "https://example.com/a.png", MediaType = "image/png" })] }) { Words = ["image"] },
        new(Media, "two images, text between", new Talk { Turns = [Said.ByUser(Piece.OfImage("image/png", Samples.Png), Piece.OfText("or"), Piece.OfImage("image/jpeg", Samples.Png))] }),
        new(Media, "how closely to look", new Talk { Turns = [Said.ByUser(Piece.OfText("What is it?"), Piece.OfImage("image/png", Samples.Png) with { Detail = "low" })] }),
        new(Media, "document as data", new Talk { Turns = [Said.ByUser(Piece.OfText("Sum it up."), Pdf)] }),
        new(Media, "document by URL", new Talk { Turns = [Said.ByUser(Piece.OfText("Sum it up."), new Piece(PieceKind.Document) { Url = "https://example.com/a.pdf", MediaType = "application/pdf" })] }) { Words = ["document", "file"] },
        new(Media, "audio", new Talk { Turns = [Said.ByUser(Piece.OfText("Write it down."), new Piece(PieceKind.Audio) { MediaType = "audio/wav", Data = Samples.Png })] }) { Words = ["audio"] },
    ];
}
