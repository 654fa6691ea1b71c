using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Yaml;

/// <summary>
/// What may stand at a place: reads it and describes it. Reader and JSON schema are two views of the same object, so they cannot drift apart.
/// </summary>
internal abstract class Shape<T>
{
    /// <summary>Reads the value; false, with a problem noted, where it is not of this shape.</summary>
    public abstract bool TryRead(ReadContext context, Place place, out T value);

    /// <summary>The shape as JSON Schema.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A single value.</summary>
/// <param name="what">For messages: "a duration such as 2s".</param>
/// <param name="parse">Reads the expanded text; null where it cannot.</param>
/// <param name="schema">The shape as JSON Schema.</param>
/// <param name="secret">True: messages must not show what is written.</param>
internal sealed class ScalarShape<T>(string what, Func<string, (bool Ok, T Value)> parse, Func<JsonObject> schema, bool secret = false) : Shape<T>
{
    public override bool TryRead(ReadContext context, Place place, out T value)
    {
        value = default!;
        if (!context.TryText(place, what, out var text)) return false;
        (var ok, value) = parse(text);
        if (!ok) context.Problem(place, secret ? $"{place} must be {what}" : $"{place} must be {what}, not {ReadContext.Written(place)}");
        return ok;
    }

    public override JsonObject Schema() => schema();
}

/// <summary>A list. Every item is read, also after one that is wrong.</summary>
/// <param name="item">What its items are.</param>
/// <param name="keepPartial">True: an item that was read in part stays in the list, for checks that look at what there is of it.</param>
internal sealed class ListShape<T>(Shape<T> item, bool keepPartial = false) : Shape<IReadOnlyList<T>>
{
    public override bool TryRead(ReadContext context, Place place, out IReadOnlyList<T> value)
    {
        value = [];
        if (ReadContext.IsEmpty(place.Node)) return true;
        if (place.Node is not YamlSequenceNode sequence)
        {
            context.Problem(place, $"{place} must be a list: each item on its own line after '- ', or [a, b]");
            return false;
        }

        var items = new List<T>();
        var complete = true;
        for (var i = 0; i < sequence.Children.Count; i++)
        {
            var ok = item.TryRead(context, place.Item(i, sequence.Children[i]), out var read);
            if (ok || keepPartial) items.Add(read);
            complete &= ok;
        }

        value = items;
        return complete;
    }

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = item.Schema() };
}

/// <summary>A mapping whose keys the operator chooses, in order.</summary>
internal sealed class MapShape<T>(Shape<T> item, IEqualityComparer<string>? comparer = null) : Shape<IReadOnlyDictionary<string, T>>
{
    public override bool TryRead(ReadContext context, Place place, out IReadOnlyDictionary<string, T> value)
    {
        var items = new OrderedDictionary<string, T>(comparer ?? StringComparer.Ordinal);
        value = items;
        if (ReadContext.IsEmpty(place.Node)) return true;
        if (place.Node is not YamlMappingNode mapping)
        {
            context.Problem(place, $"{place} must be a mapping: 'name: value'");
            return false;
        }

        var complete = true;
        foreach (var (key, node) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                context.Problem(place with { Node = key }, $"a key in {place} must be text");
                complete = false;
            }
            else if (item.TryRead(context, place.Key(name, node), out var read))
            {
                items[name] = read;
            }
            else
            {
                complete = false;
            }
        }

        return complete;
    }

    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = item.Schema() };
}

/// <summary>One of two shapes, told apart by the kind of node: short form as a scalar, long form as a mapping or list.</summary>
internal sealed class EitherShape<T>(Shape<T> scalar, Shape<T> other) : Shape<T>
{
    public override bool TryRead(ReadContext context, Place place, out T value) =>
        (place.Node is YamlScalarNode ? scalar : other).TryRead(context, place, out value);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(scalar.Schema(), other.Schema()) };
}

/// <summary>A shape with its place kept, for checks that come after reading.</summary>
internal sealed class PlacedShape<T>(Shape<T> inner) : Shape<Placed<T>>
{
    public override bool TryRead(ReadContext context, Place place, out Placed<T> value)
    {
        var ok = inner.TryRead(context, place, out var read);
        value = new Placed<T>(read, place);
        return ok;
    }

    public override JsonObject Schema() => inner.Schema();
}

/// <summary>A value and where it stood.</summary>
internal readonly record struct Placed<T>(T Value, Place Place);
