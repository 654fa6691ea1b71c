using System.Diagnostics.Metrics;
using Trivet.Core.Diagnostics;

namespace Trivet.Tests.Diagnostics;

public sealed class LiveBoardTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Meter _meter = new(TrivetMetrics.MeterName);
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _firstContent;
    private readonly LiveBoard _board;

    public LiveBoardTests()
    {
        _requests = _meter.CreateCounter<long>("trivet.requests");
        _firstContent = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token");
        _board = new LiveBoard(_time, _meter);
    }

    public void Dispose()
    {
        _board.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Requests_are_counted_by_the_second_and_the_running_second_is_not_shown_yet()
    {
        End("ok", 3);
        _time.Advance(TimeSpan.FromSeconds(1));
        End("ok", 2);

        var reading = _board.Read();

        Assert.Equal(LiveBoard.SecondsShown, reading.PerSecond.Count);
        Assert.Equal(3, reading.PerSecond[^1]);
        Assert.Equal(3, reading.PerSecond.Sum());
        Assert.Equal(5, reading.Requests);
    }

    [Fact]
    public void Only_failures_that_are_not_the_clients_use_the_error_budget_up()
    {
        End("ok", 96);
        End("client_request_invalid", 2);
        End(Core.Failures.FailureTable.For(Core.Failures.FailureKind.UpstreamUnreachable).Code, 2);

        var reading = _board.Read();

        Assert.Equal((100, 2), (reading.HourRequests, reading.HourFailed));
        Assert.Equal(20, reading.Burn(0.999)!.Value, 6);
    }

    [Fact]
    public void First_contents_are_told_by_their_median_and_their_slow_end_rounded_up_to_a_bucket()
    {
        for (var i = 0; i < 90; i++)
            _firstContent.Record(0.1);
        for (var i = 0; i < 10; i++)
            _firstContent.Record(2);

        var reading = _board.Read();

        Assert.InRange(reading.FirstContentP50!.Value.TotalMilliseconds, 100, 125);
        Assert.InRange(reading.FirstContentP95!.Value.TotalMilliseconds, 2000, 2500);
    }

    [Fact]
    public void What_is_old_is_forgotten()
    {
        End("ok", 5);
        _firstContent.Record(1);
        _time.Advance(TimeSpan.FromMinutes(70));

        var reading = _board.Read();

        Assert.Equal(0, reading.Requests + reading.HourRequests);
        Assert.Null(reading.FirstContentP50);
        Assert.Null(reading.Burn(0.999));
    }

    private void End(string outcome, int count)
    {
        for (var i = 0; i < count; i++)
            _requests.Add(1, new KeyValuePair<string, object?>("protocol", "openai-chat"), new KeyValuePair<string, object?>("outcome", outcome));
    }
}
