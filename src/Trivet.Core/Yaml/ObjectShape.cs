using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Yaml;

/// <summary>
/// A mapping with known keys: the table that the reader, the "did you mean" and the JSON schema share. Each key patches an immutable
/// value, starting from <paramref name="seed"/>; an unknown key is a problem.
/// </summary>
/// <param name="seed">The value when nothing is written.</param>
internal sealed class ObjectShape<T>(Func<T> seed) : Shape<T>
{
    private readonly List<Entry> _keys = [];

    /// <summary>The names of the keys.</summary>
    public IReadOnlyCollection<string> Keys => [.. _keys.Select(key => key.Name)];

    /// <summary>Adds a key.</summary>
    /// <param name="name">The key.</param>
    /// <param name="description">For the schema, and for the message when a required key is missing.</param>
    /// <param name="shape">What its value is.</param>
    /// <param name="set">Puts the value in.</param>
    /// <param name="required">True: it has to be there.</param>
    /// <param name="keepPartial">True: a value that was read in part is put in too, for checks that look at what there is of it.</param>
    public ObjectShape<T> Key<TValue>(string name, string description, Shape<TValue> shape, Func<T, TValue, T> set, bool required = false, bool keepPartial = false)
    {
        _keys.Add(new Entry(name, description, required, shape.Schema, Read));
        return this;

        (bool Ok, T Target) Read(ReadContext context, Place place, T target)
        {
            var ok = shape.TryRead(context, place, out var value);
            return (ok, ok || keepPartial ? set(target, value) : target);
        }
    }

    /// <summary>Adds a key with keys of its own, which patch what <paramref name="get"/> gives.</summary>
    public ObjectShape<T> Key<TValue>(string name, string description, ObjectShape<TValue> shape, Func<T, TValue> get, Func<T, TValue, T> set)
    {
        _keys.Add(new Entry(name, description, Required: false, shape.Schema, Read));
        return this;

        (bool Ok, T Target) Read(ReadContext context, Place place, T target) =>
            shape.TryRead(context, place, get(target), out var value) ? (true, set(target, value)) : (false, target);
    }

    public override bool TryRead(ReadContext context, Place place, out T value) => TryRead(context, place, seed(), out value);

    /// <summary>Reads on top of a value: what is not written stays as it is there.</summary>
    public bool TryRead(ReadContext context, Place place, T start, out T value)
    {
        value = start;
        if (place.Node is not YamlMappingNode mapping)
        {
            if (ReadContext.IsEmpty(place.Node) && !_keys.Exists(key => key.Required)) return true;
            context.Problem(place, $"{place} must be a mapping with the keys {string.Join(", ", Keys)}");
            return false;
        }

        var complete = true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, node) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            seen.Add(name);
            if (_keys.Find(entry => entry.Name == name) is { } entry)
            {
                (var ok, value) = entry.Read(context, place.Key(name, node), value);
                complete &= ok;
            }
            else
            {
                complete = false;
                context.Problem(place with { Node = key }, $"unknown key '{name}' {(place.Path.Length == 0 ? "at" : "in")} {place}{Nearest.Hint(name, Keys)}");
            }
        }

        foreach (var missing in _keys.Where(key => key.Required && !seen.Contains(key.Name)))
        {
            complete = false;
            context.Problem(place, $"{place} needs the key '{missing.Name}': {missing.Description}");
        }

        return complete;
    }

    public override JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (var key in _keys)
        {
            var schema = key.Schema();
            schema["description"] = key.Description;
            properties[key.Name] = schema;
        }

        var result = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (_keys.Exists(key => key.Required)) result["required"] = new JsonArray([.. _keys.Where(key => key.Required).Select(key => JsonValue.Create(key.Name))]);
        return result;
    }

    private sealed record Entry(string Name, string Description, bool Required, Func<JsonObject> Schema, Func<ReadContext, Place, T, (bool Ok, T Target)> Read);
}
