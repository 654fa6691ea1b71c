using Trivet.Benchmarks.Fuzz.Seeds;

namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>Changes members and elements: other types, twice, gone, nested, from elsewhere.</summary>
internal static class JsonEdits
{
    private const int NestingMax = 300;

    /// <summary>Copies the seed with up to <paramref name="changes"/> of its parts changed.</summary>
    public static void Apply(Seed seed, SeedSet seeds, int changes, MutationBuffer output, ref FuzzRandom random)
    {
        var at = 0;
        var first = random.Below(seed.Parts.Length);
        for (var i = 0; i < changes; i++)
        {
            // Parts stand in the order of their ends: one that begins behind what is copied is not inside a part already changed.
            var index = i == 0 ? first : first + 1 + random.Below(seed.Parts.Length - first);
            if (index >= seed.Parts.Length || seed.Parts[index].Start < at)
                break;
            var part = seed.Parts[index];
            output.Append(seed.Bytes.AsSpan(at, part.Start - at));
            at = Change(seed, part, seeds, output, ref random);
            first = index;
        }

        output.Append(seed.Bytes.AsSpan(at));
    }

    // Writes the part anew and returns where the copying goes on.
    private static int Change(Seed seed, SeedPart part, SeedSet seeds, MutationBuffer output, ref FuzzRandom random)
    {
        var bytes = seed.Bytes;
        var name = bytes.AsSpan(part.Start, part.ValueStart - part.Start);
        var value = bytes.AsSpan(part.ValueStart, part.End - part.ValueStart);
        switch (random.Below(12))
        {
            case <= 3:
                output.Append(name);
                output.Append(Snippets.Value(ref random));
                return part.End;
            case 4 or 5: // a value from elsewhere
                output.Append(name);
                AppendForeign(seeds, output, isWhole: false, ref random);
                return part.End;
            case 6:
                return SkipComma(bytes, part.End);
            case 7: // twice, the same or another
                output.Append(bytes.AsSpan(part.Start, part.End - part.Start));
                output.Append(","u8);
                output.Append(name);
                output.Append(random.OneIn(2) ? value : Snippets.Value(ref random).AsSpan());
                return part.End;
            case 8:
                Nest(name, value, output, ref random);
                return part.End;
            case 9 when part.IsMember: // a member from elsewhere, before it
                AppendForeign(seeds, output, isWhole: true, ref random);
                output.Append(","u8);
                return part.Start;
            case 10 when value[0] == (byte)'"':
                AppendText(name, value, output, ref random);
                return part.End;
            default: // another name
                if (part.IsMember && seeds.Pick(ref random) is { Parts.Length: > 0 } other && other.Parts[random.Below(other.Parts.Length)] is { IsMember: true } named)
                    output.Append(other.Bytes.AsSpan(named.Start, named.ValueStart - named.Start));
                else
                    output.Append(name);
                output.Append(value);
                return part.End;
        }
    }

    private static void AppendForeign(SeedSet seeds, MutationBuffer output, bool isWhole, ref FuzzRandom random)
    {
        var other = seeds.Pick(ref random);
        if (other.Parts.Length == 0)
            return;
        var part = other.Parts[random.Below(other.Parts.Length)];
        var start = isWhole ? part.Start : part.ValueStart;
        output.Append(other.Bytes.AsSpan(start, part.End - start));
    }

    private static void AppendText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, MutationBuffer output, ref FuzzRandom random)
    {
        var at = 1 + random.Below(value.Length - 1);
        var snippet = Snippets.Texts[random.Below(Snippets.Texts.Length)];
        output.Append(name);
        output.Append(value[..at]);
        output.Append(snippet, random.OneIn(200) ? random.Below(20_000) : 1);
        output.Append(random.OneIn(3) ? "\""u8 : value[at..]);
    }

    private static void Nest(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, MutationBuffer output, ref FuzzRandom random)
    {
        var levels = random.Below(40) switch { 0 => random.Below(NestingMax), 1 => 55 + random.Below(15), _ => 1 + random.Below(3) };
        var isArray = random.OneIn(2);
        output.Append(name);
        output.Append(isArray ? "["u8 : "{\"content\":"u8, levels);
        output.Append(value);
        output.Append(isArray ? "]"u8 : "}"u8, levels);
    }

    private static int SkipComma(byte[] bytes, int at) => at < bytes.Length && bytes[at] == (byte)',' ? at + 1 : at;
}
