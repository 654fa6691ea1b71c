using Trivet.Core.Audits.Statistics;

namespace Trivet.Tests.Audits.Statistics;

/// <summary>Two-sample tests on made-up voices; their power on real answers is the bench's to show.</summary>
public sealed class TwoSampleTests
{
    private const int Runs = 100;

    private static readonly string[] Own = ["the", "river", "runs", "slowly", "past", "stone", "walls", "and", "green", "fields"];
    private static readonly string[] Foreign = ["**Note:**", "the", "data", "show", "that", "river", "1.", "2.", "levels", "rise"];

    [Fact]
    public void Honest_answers_are_accused_as_often_as_stated()
    {
        var random = new Random(5);
        var alarms = Enumerable.Range(0, Runs).Count(_ => TextTwoSampleTest.Run(Sample(random, 5, 3, 0), 59, random).PValue <= 0.05);

        // 0.05 of 100 is 5; 13 or more come once in a thousand times.
        Assert.True(alarms < 13, $"{alarms} of {Runs}");
    }

    [Fact]
    public void Another_voice_is_found_with_twenty_answers()
    {
        var random = new Random(6);
        var found = Enumerable.Range(0, 20).Count(_ => TextTwoSampleTest.Run(Sample(random, 10, 2, 1), 99, random).PValue <= 0.05);

        Assert.Equal(20, found);
    }

    [Fact]
    public void Leading_blanks_and_what_stands_behind_the_limit_do_not_count()
    {
        var gram = TextKernel.Gram(["  abcdef", "abcdef", "abcdefxyz", "中文回答"], [0, 0, 0, 0], TextFeatures.Trigrams, charsMax: 6);

        Assert.Equal(1, gram[0, 1], 5);
        Assert.Equal(1, gram[1, 2], 5);
        Assert.Equal(0, gram[1, 3]);
    }

    [Fact]
    public void One_answer_per_prompt_is_enough_to_run()
    {
        var random = new Random(7);

        Assert.True(TextTwoSampleTest.Run(Sample(random, 30, 1, 1), 99, random).PValue <= 0.05);
        Assert.Equal(1, TextTwoSampleTest.Run([], 99, random).PValue);
    }

    [Fact]
    public void One_token_answers_of_another_model_are_found_in_fifteen_requests_and_honest_ones_are_not()
    {
        var random = new Random(8);
        OneTokenAnswers Ask(int prompt, double swapped) => new(
            prompt.ToString(), [.. Enumerable.Range(0, 20).Select(_ => Honest(random))], [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() < swapped ? "other" : Honest(random))]);
        int Alarms(double swapped) => Enumerable.Range(0, Runs).Count(_ => OneTokenTest.Run([.. Enumerable.Range(0, 5).Select(p => Ask(p, swapped))], 149, random).PValue <= 0.01);

        Assert.True(Alarms(0) <= 6, "honest");
        Assert.Equal(Runs, Alarms(1));
    }

    [Fact]
    public void The_same_seed_gives_the_same_report()
    {
        var sample = Sample(new Random(9), 5, 3, 0.5);

        Assert.Equal(TextTwoSampleTest.Run(sample, 99, new Random(1)), TextTwoSampleTest.Run(sample, 99, new Random(1)));
    }

    private static string Honest(Random random) => random.NextDouble() < 0.95 ? "yes" : "no";

    private static List<PromptAnswers> Sample(Random random, int prompts, int samples, double swapped) =>
        [.. Enumerable.Range(0, prompts).Select(p => new PromptAnswers(
            p.ToString(), [.. Enumerable.Range(0, samples).Select(_ => Text(random, Own, p))], [.. Enumerable.Range(0, samples).Select(_ => Text(random, random.NextDouble() < swapped ? Foreign : Own, p))]))];

    private static string Text(Random random, string[] voice, int prompt) =>
        string.Join(' ', Enumerable.Range(0, 40).Select(_ => random.Next(3) == 0 ? $"topic{prompt}{random.Next(4)}" : voice[random.Next(voice.Length)]));
}
