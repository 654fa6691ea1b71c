using Trivet.Benchmarks.Fuzz.Seeds;

namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>Damage that knows nothing of what it damages.</summary>
internal static class ByteEdits
{
    private const int GiantBytesMax = 256 * 1024;

    public static void Apply(MutationBuffer output, SeedSet seeds, ref FuzzRandom random)
    {
        for (var n = 1 + random.Below(3); n > 0 && output.Length > 0; n--)
            Edit(output, seeds, random.Below(output.Length), ref random);
        if (seeds.Kind == SeedKind.Events && random.OneIn(4))
            ChangeLineEnds(output, random.Below(3), ref random);
    }

    private static void Edit(MutationBuffer output, SeedSet seeds, int at, ref FuzzRandom random)
    {
        switch (random.Below(16))
        {
            case <= 2:
                output.Span[at] ^= (byte)(1 << random.Below(8));
                break;
            case 3 or 4:
                output.Span[at] = (byte)random.Below(256);
                break;
            case 5 or 6:
                output.Remove(at, Math.Min(1 + random.Below(random.OneIn(4) ? 100 : 4), output.Length - at));
                break;
            case 7:
                output.Truncate(at);
                break;
            case 8 or 9:
                output.Insert(at, Snippets.Value(ref random));
                break;
            case 10:
                output.Insert(at, Snippets.Texts[random.Below(Snippets.Texts.Length)]);
                break;
            case 11:
                output.Insert(at, Snippets.Lines[random.Below(Snippets.Lines.Length)]);
                break;
            case 12: // the tail of another
                output.Truncate(at);
                var other = seeds.Pick(ref random).Bytes;
                output.Append(other.AsSpan(random.Below(other.Length)));
                break;
            case 13: // again what stands there
                var length = Math.Min(1 + random.Below(40), output.Length - at);
                Span<byte> copy = stackalloc byte[40];
                output.Span.Slice(at, length).CopyTo(copy);
                output.Insert(at, copy[..length]);
                break;
            case 14: // digits and signs where they hurt
                output.Span[at] = "0123456789-+.eE\"\\{}[],:"u8[random.Below(23)];
                break;
            default:
                if (random.OneIn(500))
                    Grow(output, at, ref random);
                break;
        }
    }

    private static void Grow(MutationBuffer output, int at, ref FuzzRandom random)
    {
        var unit = random.OneIn(2) ? Snippets.Texts[random.Below(Snippets.Texts.Length)] : Snippets.Lines[random.Below(Snippets.Lines.Length)];
        output.Insert(at, unit, random.Below(GiantBytesMax) / unit.Length);
    }

    private static void ChangeLineEnds(MutationBuffer output, int style, ref FuzzRandom random)
    {
        for (var i = output.Length - 1; i >= 0 && output.Length < GiantBytesMax; i--)
        {
            if (output.Span[i] != (byte)'\n')
                continue;
            if (style == 1 || style == 2 && random.OneIn(2))
                output.Span[i] = (byte)'\r';
            else if (output.Length < 4096) // moving the rest for each is quadratic
                output.Insert(i, "\r"u8);
        }
    }
}
