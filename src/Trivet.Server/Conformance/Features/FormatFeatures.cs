using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Features;

/// <summary>The form of an answer, where it ends, and how it is drawn.</summary>
internal static class FormatFeatures
{
    private const string Form = "Structured output and ends";
    private const string Draw = "Sampling and settings";

    private const string Link = "https://example.com/a";
    private const string Picture = "iVBORw0KGgo=";

    private static readonly Talk Hi = Talk.Asking("Hi.");

    public static IReadOnlyList<Feature> All { get; } =
    [
        new(Form, "JSON", Talk.Asking("As JSON, please.") with { Format = "json" }),
        new(Form, "JSON schema", Hi with { Format = "schema", FormatSchema = Samples.AnswerSchema }),
        new(Form, "JSON schema and tools", Samples.Asking("Hi.", Samples.Weather) with { Format = "schema", FormatSchema = Samples.AnswerSchema }),
        new(Form, "as many tokens as allowed", Hi with { TokensMax = 20 }) { Model = "text-60" },
        new(Form, "one stop sequence", Talk.Asking("[[say one two STOP three]]") with { Stop = ["STOP"] }) { Words = ["stop"] },
        new(Form, "four stop sequences", Talk.Asking("[[say one two STOP three]]") with { Stop = ["a1", "b2", "STOP", "c3"] }) { Words = ["stop"] },
        new(Form, "five stop sequences", Talk.Asking("[[say one two STOP three]]") with { Stop = ["a1", "b2", "c3", "d4", "STOP"] }) { Words = ["stop"] },
        new(Form, "a refusal", Talk.Asking("[[refuse I will not.]]")),
        new(Form, "a content filter", Hi) { Respond = """{"content":[{"type":"text","text":"I beg"}],"stop":"content_filter"}""" },
        new(Form, "a picture that the model draws", Hi) { Respond = $$"""{"content":[{"type":"text","text":"Here."},{"type":"image","media_type":"image/png","data":"{{Picture}}"}]}""", Check = (heard, served) => served.Contains(Picture, StringComparison.Ordinal) && !heard.Pictures.Contains(Picture) ? "pictures" : null },
        new(Form, "links that are cited", Hi) { Respond = """{"content":[{"type":"text","text":"It is so.","citations":[{"url":"https://example.com/a","title":"A"}]}]}""", Check = (heard, served) => served.Contains(Link, StringComparison.Ordinal) && !heard.Citations.Contains(Link) ? "citations" : null },

        new(Draw, "temperature", Hi.With("temperature", "0.5")),
        new(Draw, "temperature above 1", Hi.With("temperature", "1.5")) { Words = ["temperature"] },
        new(Draw, "top_p", Hi.With("top_p", "0.5")),
        new(Draw, "top_k", Hi.With("top_k", "40")),
        new(Draw, "penalties", Hi.With("presence_penalty", "0.5").With("frequency_penalty", "0.25")),
        new(Draw, "seed", Hi.With("seed", "7")),
        new(Draw, "two choices", Hi with { Choices = 2 }) { Words = ["n", "candidate"] },
        new(Draw, "log probabilities", Hi.With("logprobs", "true").With("top_logprobs", "2")) { Words = ["logprobs"] },
        new(Draw, "token bias", Hi.With("logit_bias", """{"50256":-100}""")) { Words = ["logit_bias"] },
        new(Draw, "verbosity", Hi.With("verbosity", "\"low\"")),
        new(Draw, "user", Hi.With("user", "\"u-17\"")),
        new(Draw, "metadata", Hi.With("metadata", """{"project":"x"}""")),
        new(Draw, "service tier", Hi.With("tier", "\"auto\"")),
        new(Draw, "service tier: standard only", Hi.With("tier", "\"standard_only\"")),
        new(Draw, "service tier: flex", Hi.With("tier", "\"flex\"")),
        new(Draw, "safety settings", Hi.With("safety", """[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]""")) { Words = ["safety"] },
        new(Draw, "unknown fields", Hi with { Unknown = ["x_future_switch"] }) { Words = ["x_future_switch"] },
    ];
}
