using System.Globalization;
using System.Security.Cryptography;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Oracle;

/// <summary>What a talk asks for, as the facts by which a vendor should understand it.</summary>
internal static class TalkFacts
{
    public static List<Fact> Of(Talk talk)
    {
        var facts = new List<Fact>();
        foreach (var piece in talk.System.Where(p => p.Text.Length > 0))
        {
            facts.Add(new Fact("system", piece.Text));
            Cache(facts, piece.Cache, "system");
        }

        var calls = new List<string>();
        foreach (var said in talk.Turns)
        {
            foreach (var piece in said.Pieces)
            {
                Say(facts, said.Who, piece, calls);
                Cache(facts, piece.Cache, said.Who);
            }
        }

        Tools(facts, talk);
        Limits(facts, talk);
        return facts;
    }

    private static void Say(List<Fact> facts, string who, Piece piece, List<string> calls)
    {
        if (who == "system")
        {
            facts.Add(new Fact("system.later", piece.Text));
            return;
        }

        switch (piece.Kind)
        {
            case PieceKind.Call:
                calls.Add(piece.Id);
                facts.Add(Fact.Of($"{who}.call", $"{piece.Name} {piece.Text}"));
                break;
            case PieceKind.Result:
                var call = calls.IndexOf(piece.Id);
                facts.Add(Fact.Of($"{who}.result", $"{piece.Name}#{call} {piece.Text}"));
                if (piece.IsError)
                    facts.Add(new Fact($"{who}.result.error", call.ToString(CultureInfo.InvariantCulture)));
                foreach (var inner in piece.Inner)
                    Media(facts, inner, $"{who}.result.");
                break;
            case PieceKind.Text or PieceKind.Refusal when piece.Text.Length > 0:
                facts.Add(new Fact($"{who}.text", piece.Text));
                break;
            case PieceKind.Thought:
                facts.Add(new Fact($"{who}.thought", piece.Text));
                break;
            case PieceKind.Opaque:
                facts.Add(new Fact($"{who}.opaque", ""));
                break;
            case PieceKind.Image or PieceKind.Document or PieceKind.Audio:
                Media(facts, piece, $"{who}.");
                break;
        }
    }

    private static void Media(List<Fact> facts, Piece piece, string prefix)
    {
        var kind = piece.Kind == PieceKind.Audio ? "media" : piece.Kind.ToString().ToLowerInvariant();
        var bytes = Convert.FromBase64String(piece.Data);
        facts.Add(new Fact(prefix + kind, piece.Url.Length > 0 ? piece.Url : $"{piece.MediaType} {bytes.Length} {Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}"));
        if (piece.Detail is not null)
            facts.Add(new Fact(prefix + "detail", piece.Detail));
    }

    private static void Tools(List<Fact> facts, Talk talk)
    {
        var offers = talk.Choice.StartsWith("allowed ", StringComparison.Ordinal) ? [.. talk.Tools.Where(t => t.Name == talk.Choice[8..])] : talk.Tools;
        foreach (var tool in offers)
        {
            facts.Add(tool.IsServer ? new Fact("tool.server", tool.Name) : Fact.Of(tool.IsCustom ? "tool.custom" : "tool", $"{tool.Name}: {tool.Description}"));
            if (tool is { IsServer: false, IsCustom: false })
                facts.Add(Fact.Of("tool.schema", $"{tool.Name} {tool.Schema}"));
            if (tool.IsStrict)
                facts.Add(new Fact("tool.strict", tool.Name));
            Cache(facts, tool.Cache, "tool");
        }

        if (talk.Choice is "any" or "none" || talk.Choice.StartsWith("call ", StringComparison.Ordinal))
            facts.Add(new Fact("choice", talk.Choice != "any" ? talk.Choice : offers.Count == 1 ? "call " + offers[0].Name : "required"));
        if (talk.ParallelOff)
            facts.Add(new Fact("parallel", "off"));
    }

    private static void Limits(List<Fact> facts, Talk talk)
    {
        if (talk.TokensMax is { } most)
            facts.Add(new Fact("max_tokens", most.ToString(CultureInfo.InvariantCulture)));
        facts.AddRange(talk.Stop.Select(stop => new Fact("stop", stop)));
        if (talk.Choices is { } choices)
            facts.Add(new Fact("choices", choices.ToString(CultureInfo.InvariantCulture)));
        if (talk.Thinking.Length > 0)
            facts.Add(new Fact("thinking", talk.Thinking));
        if (talk.Effort is { } effort)
            facts.Add(new Fact("effort", effort));
        if (talk.Budget is { } budget)
            facts.Add(new Fact("budget", budget.ToString(CultureInfo.InvariantCulture)));
        if (talk.Format.Length > 0)
            facts.Add(new Fact("format", talk.Format));
        if (talk.FormatSchema is { } schema)
            facts.Add(Fact.Of("format.schema", schema));
        foreach (var (name, json) in talk.Settings)
            facts.Add(Fact.Of(name, json.Trim('"')));
        facts.AddRange(talk.Unknown.Select(name => new Fact("unknown", name)));
    }

    private static void Cache(List<Fact> facts, string ttl, string where)
    {
        if (ttl.Length > 0)
            facts.Add(new Fact("cache." + where, ttl));
    }
}
