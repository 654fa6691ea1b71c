using System.Globalization;
using System.Text;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Difficulty;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Routing.Difficulty;

/// <summary>A router has an opinion only after it has shown, on its own table, that it beats prompt length.</summary>
public sealed class DifficultyGateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trivet-difficulty-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Questions_full_of_numbers_are_hard_where_the_table_says_so()
    {
        // Numbers make the weak model fail, length says nothing.
        var random = new Random(1);
        var config = Table(400, i =>
        {
            var isHard = i % 2 == 0;
            var words = string.Join(' ', Enumerable.Range(0, 5 + random.Next(60)).Select(n => isHard && n % 3 == 0 ? random.Next(100, 999).ToString(CultureInfo.InvariantCulture) : "apple"));
            return (words, !isHard || random.Next(10) == 0, true);
        });
        config = config with { StrongPercent = 50 };
        RouterVerdict? verdict = null;
        var gate = new DifficultyGate((_, judged, _) => verdict = judged);

        Assert.Null(gate.IsHard(config, "anything")); // it is being trained
        await gate.SettledAsync(config);

        Assert.True(verdict!.MayBeUsed, verdict.ToString());
        Assert.True(gate.IsHard(config, string.Concat(Enumerable.Repeat("123 apple apple ", 10))));
        Assert.False(gate.IsHard(config, string.Concat(Enumerable.Repeat("apple ", 30))));
    }

    [Fact]
    public async Task Where_nothing_but_chance_tells_it_never_has_an_opinion()
    {
        var random = new Random(2);
        var config = Table(400, _ => (string.Join(' ', Enumerable.Repeat("word", 5 + random.Next(60))), random.Next(2) == 0, random.Next(4) > 0));
        RouterVerdict? verdict = null;
        var gate = new DifficultyGate((_, judged, _) => verdict = judged);
        gate.IsHard(config, "x");
        await gate.SettledAsync(config);

        Assert.False(verdict!.MayBeUsed, verdict.ToString());
        Assert.Null(gate.IsHard(config, "x"));
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_told_and_decides_nothing()
    {
        var problem = "";
        var config = Table(1, _ => ("q", true, true));
        await File.WriteAllTextAsync(config.TablePath, "question,weak,strong\nq,perhaps,true\n", TestContext.Current.CancellationToken);
        var gate = new DifficultyGate((_, _, said) => problem = said);
        gate.IsHard(config, "x");
        await gate.SettledAsync(config);

        Assert.StartsWith("row 2 is not", problem, StringComparison.Ordinal);
        Assert.Null(gate.IsHard(config, "x"));
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"What is \"this\"?"}]}""", "What is \"this\"?")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"First"},{"type":"text","text":"Second"}]}],"user":"me"}""", "Second")]
    public void The_last_text_is_the_question(string body, string question)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = new RequestScan();
        Assert.True(OpenAIChatScan.TryScan(bytes, scan, out _));
        Assert.Equal(question, LastQuestion.Of(bytes, scan));
    }

    [Fact]
    public void Hard_questions_prefer_the_strong_and_the_others_the_weak()
    {
        var table = Table(1, _ => ("q", true, true)).TablePath;
        var rig = new Policies.PolicyRig($"{{ aim: cheapest, difficulty: {{ table: '{table}', weak: [small], strong: [large] }} }}", ("small", "2", "2"), ("large", "3", "3"), ("other", "1", "1"));

        rig.Question = rig.Question with { IsHard = true };
        Assert.Equal("large other small", rig.Order());
        rig.Question = rig.Question with { IsHard = false };
        Assert.Equal("small other large", rig.Order());
        rig.Question = rig.Question with { IsHard = null };
        Assert.Equal("other small large", rig.Order());
    }

    private DifficultyConfig Table(int rows, Func<int, (string Question, bool Weak, bool Strong)> row)
    {
        var text = new StringBuilder("question,weak,strong\n");
        for (var i = 0; i < rows; i++)
        {
            var (question, weak, strong) = row(i);
            text.Append(CultureInfo.InvariantCulture, $"\"{question}\",{weak},{strong}\n");
        }

        var path = Path.Combine(_folder, "table.csv");
        File.WriteAllText(path, text.ToString());
        return new DifficultyConfig { TablePath = path, Weak = [new ModelPattern("small")], Strong = [new ModelPattern("large")] };
    }
}
