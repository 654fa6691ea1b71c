using Trivet.Benchmarks.Fuzz.Seeds;

namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>Changes a stream as a stream: events lost, twice, from elsewhere, in another order; lines that nobody expects.</summary>
internal static class EventEdits
{
    public static void Apply(Seed seed, SeedSet seeds, MutationBuffer output, ref FuzzRandom random)
    {
        var chosen = random.Below(seed.Events.Length);
        var what = random.Below(9);
        for (var i = 0; i < seed.Events.Length; i++)
        {
            var bytes = BytesOf(seed, seed.Events[i]);
            if (i != chosen)
            {
                output.Append(bytes);
                continue;
            }

            switch (what)
            {
                case 0:
                    break;
                case 1:
                    output.Append(bytes, 2);
                    break;
                case 2:
                    AppendForeign(seeds, output, ref random);
                    break;
                case 3:
                    AppendForeign(seeds, output, ref random);
                    output.Append(bytes);
                    break;
                case 4: // in the place of the next
                    if (i + 1 < seed.Events.Length)
                        output.Append(BytesOf(seed, seed.Events[++i]));
                    output.Append(bytes);
                    break;
                case 5:
                    output.Append(Snippets.Lines[random.Below(Snippets.Lines.Length)]);
                    output.Append(bytes);
                    break;
                case 6: // joined with the next
                    output.Append(bytes[..^1]);
                    break;
                case 7: // one from before comes again
                    output.Append(bytes);
                    output.Append(BytesOf(seed, seed.Events[random.Below(i + 1)]));
                    break;
                default: // cut off here, or the rest of another
                    output.Append(bytes[..random.Below(bytes.Length + 1)]);
                    if (random.OneIn(2))
                        AppendTail(seeds, output, ref random);
                    return;
            }
        }

        output.Append(seed.Bytes.AsSpan(seed.Events[^1].End));
    }

    private static void AppendForeign(SeedSet seeds, MutationBuffer output, ref FuzzRandom random)
    {
        var other = seeds.Pick(ref random);
        if (other.Events.Length > 0)
            output.Append(BytesOf(other, other.Events[random.Below(other.Events.Length)]));
    }

    private static void AppendTail(SeedSet seeds, MutationBuffer output, ref FuzzRandom random)
    {
        var other = seeds.Pick(ref random);
        if (other.Events.Length > 0)
            output.Append(other.Bytes.AsSpan(other.Events[random.Below(other.Events.Length)].Start));
    }

    private static ReadOnlySpan<byte> BytesOf(Seed seed, SeedRange range) => seed.Bytes.AsSpan(range.Start, range.End - range.Start);
}
