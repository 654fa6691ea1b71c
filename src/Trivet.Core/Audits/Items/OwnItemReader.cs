using Trivet.Core.Yaml;

namespace Trivet.Core.Audits.Items;

/// <summary>Reads a file of items: <c>items:</c>, each with a question or turns and what is expected. Texts stand as they are: <c>${NAME}</c> in a question is part of it.</summary>
public static class OwnItemReader
{
    private static readonly ObjectShape<IReadOnlyList<ItemExpectation>> Expect = Expectations();

    private static readonly ObjectShape<ItemTurn> Turn = new ObjectShape<ItemTurn>(() => new ItemTurn(true, ""))
        .Key("user", "What the user says.", Shapes.Text, (_, text) => new ItemTurn(true, text))
        .Key("assistant", "What the assistant said.", Shapes.Text, (_, text) => new ItemTurn(false, text));

    private static readonly ObjectShape<OwnItem> Item = new ObjectShape<OwnItem>(() => new OwnItem { Turns = [], Expect = [] })
        .Key("name", "For people.", Shapes.Text, (item, value) => item with { Name = value })
        .Key("models", "The models it is asked of, * matches. Default: all.", new ListShape<string>(Shapes.Text), (item, value) => item with { Models = value })
        .Key("system", "Standing instructions.", Shapes.Text, (item, value) => item with { System = value })
        .Key("question", "What the user asks.", Shapes.Text, (item, value) => item with { Turns = [new ItemTurn(true, value)] })
        .Key("turns", "Instead of a question: the conversation, each turn as user or assistant.", new ListShape<ItemTurn>(Turn), (item, value) => item with { Turns = value })
        .Key("expect", "What a right answer has.", Expect, item => item.Expect, (item, value) => item with { Expect = value })
        .Key("max_tokens", $"Limit of the answer. Default {OwnItem.DefaultTokensMax}.", Shapes.Int(1, OwnItem.AnswerTokensMax), (item, value) => item with { TokensMax = value });

    private static readonly ObjectShape<IReadOnlyList<Placed<OwnItem>>> File = new ObjectShape<IReadOnlyList<Placed<OwnItem>>>(() => [])
        .Key("items", "The items.", new ListShape<Placed<OwnItem>>(new PlacedShape<OwnItem>(Item)), (_, value) => value, required: true);

    /// <summary>The items of a text, or what is wrong with it.</summary>
    public static (IReadOnlyList<OwnItem> Items, IReadOnlyList<ConfigProblem> Problems) Read(string yaml)
    {
        var context = new ReadContext(_ => null) { IsVerbatim = true };
        if (!YamlText.TryParse(yaml, context, out var root) || !File.TryRead(context, new Place(root, ""), out var items))
            return ([], context.Problems);
        foreach (var item in items)
        {
            if (OwnItems.ProblemOf(item.Value) is { } problem)
                context.Problem(item.Place, $"{item.Place}: {problem}");
        }

        return context.Problems.Count > 0 ? ([], context.Problems) : ([.. items.Select(item => item.Value)], []);
    }

    private static ObjectShape<IReadOnlyList<ItemExpectation>> Expectations()
    {
        var shape = new ObjectShape<IReadOnlyList<ItemExpectation>>(() => []);
        foreach (var (word, judge) in OwnItems.Judges)
        {
            // Of what must and must not be there, there may be several.
            shape = judge is ItemJudge.Contains or ItemJudge.Lacks
                ? shape.Key(word, "Texts.", new ListShape<string>(Shapes.Text), (list, values) => [.. list, .. values.Select(value => new ItemExpectation(judge, value))])
                : shape.Key(word, "A text.", Shapes.Text, (list, value) => [.. list, new ItemExpectation(judge, value)]);
        }

        return shape;
    }
}
