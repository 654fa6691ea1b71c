using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Trivet.Core.Catalogue;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin;

/// <summary>Questions as they stand in addresses: the same names and forms in the console and in the admin API. A question that cannot be read is refused with what is wrong, never guessed at.</summary>
public sealed class QueryText(Func<string, string?> parameter, DateTimeOffset now)
{
    private const long MsPerHour = 3_600_000;
    private const int TextCharsMax = 400;

    /// <summary>The names of all that a request can be asked for by, in the order in which a form shows them.</summary>
    public static IReadOnlyList<string> RequestFilters { get; } =
        ["since", "until", "org", "team", "key", "model", "route", "upstream", "upstream_model", "outcome", "status", "error", "failure", "protocol", "session", "slower_ms"];

    private string? _problem;

    /// <summary>Requests; <c>after</c> and <c>limit</c> say which page. Without <c>since</c>: from the beginning.</summary>
    public bool TryReadRequests([NotNullWhen(true)] out RequestQuery? query, [NotNullWhen(false)] out string? problem)
    {
        query = new RequestQuery
        {
            FromMs = Since() ?? 0,
            UntilMs = Until(),
            Organisation = Text("org"),
            Team = Text("team") is "-" ? "" : Text("team"),
            KeyId = Text("key"),
            Model = Text("model"),
            Route = Text("route"),
            Upstream = Text("upstream"),
            UpstreamModel = Text("upstream_model"),
            Outcome = Word<RequestOutcome>("outcome"),
            Status = (int?)Number("status", 999),
            ErrorCode = Text("error"),
            Failure = Text("failure"),
            Protocol = Text("protocol"),
            SessionId = Text("session"),
            DurationMsMin = Number("slower_ms", long.MaxValue),
            After = Place(),
            CountMax = Limit(50, RequestAdmin.CountMax),
        };
        return Done(ref query, out problem);
    }

    /// <summary>Usage; <c>by</c> says what is added up by, <c>step</c> (<c>hour</c>, <c>day</c>) whether over time. Without <c>since</c>: from the beginning.</summary>
    public bool TryReadUsage([NotNullWhen(true)] out UsageQuery? query, [NotNullWhen(false)] out string? problem)
    {
        query = new UsageQuery
        {
            SinceMs = Since() ?? 0,
            UntilMs = Until(),
            By = Word<UsageGroup>("by") ?? UsageGroup.Model,
            StepMs = Word<UsageStep>("step") switch { UsageStep.Hour => MsPerHour, UsageStep.Day => 24 * MsPerHour, _ => 0 },
            Organisation = Text("org"),
            Team = Text("team") is "-" ? "" : Text("team"),
            KeyId = Text("key"),
            Route = Text("route"),
            Model = Text("model"),
            Upstream = Text("upstream"),
            Maker = Maker(),
        };
        return Done(ref query, out problem);
    }

    /// <summary>Transfers; <c>after</c> and <c>limit</c> say which page.</summary>
    public bool TryReadTransfers([NotNullWhen(true)] out TransferQuery? query, [NotNullWhen(false)] out string? problem)
    {
        query = new TransferQuery
        {
            Account = Text("account"),
            Organisation = Text("org") is "-" ? "" : Text("org"),
            Kind = Text("kind"),
            FromMs = Since() ?? 0,
            UntilMs = Until(),
            After = Place(),
            CountMax = Limit(50, RequestAdmin.CountMax),
        };
        return Done(ref query, out problem);
    }

    /// <summary>How many of a list; 1 to <paramref name="most"/>.</summary>
    public bool TryReadLimit(int otherwise, int most, out int limit, [NotNullWhen(false)] out string? problem)
    {
        limit = Limit(otherwise, most);
        problem = _problem;
        return problem is null;
    }

    private bool Done<T>([NotNullWhen(true)] ref T? query, [NotNullWhen(false)] out string? problem)
        where T : class
    {
        problem = _problem;
        if (problem is null)
            return query is not null;
        query = null;
        return false;
    }

    private string? Text(string name)
    {
        if (parameter(name) is not { } typed || typed.Trim() is not { Length: > 0 } text)
            return null;
        if (text.Length > TextCharsMax)
            _problem ??= $"{name} is longer than {TextCharsMax} characters.";
        return text;
    }

    private long? Since()
    {
        if (Text("since") is not { } text)
            return null;
        if (TimeText.TryParseSince(text, now, out var since))
            return since.ToUnixTimeMilliseconds();
        _problem ??= $"since={text} is no time: write {TimeText.Forms}.";
        return null;
    }

    private long? Until()
    {
        if (Text("until") is not { } text)
            return null;
        if (TimeText.TryParseSince(text, now, out var until))
            return until.ToUnixTimeMilliseconds();
        _problem ??= $"until={text} is no time: write {TimeText.Forms}.";
        return null;
    }

    private string? Maker()
    {
        if (Text("maker") is not { } text)
            return null;
        if (ModelCatalogue.Shipped.Find(text) is not { Makes.Count: > 0 })
            _problem ??= $"maker={text} is unknown: write one of {string.Join(", ", CatalogueAdmin.Makers().Select(maker => maker.Name))}.";
        return text;
    }

    private string? Place()
    {
        if (Text("after") is not { } text)
            return null;
        if (!ListPlace.TryParse(text, out _))
            _problem ??= "after takes only what an earlier page gave as its next.";
        return text;
    }

    private int Limit(int otherwise, int most)
    {
        if (Number("limit", most) is not { } limit)
            return otherwise;
        if (limit == 0)
            _problem ??= $"limit is a number from 1 to {most}.";
        return (int)limit;
    }

    private long? Number(string name, long most)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        _problem ??= most == long.MaxValue ? $"{name}={text} is no whole number." : $"{name}={text} is no whole number up to {most}.";
        return null;
    }

    private T? Word<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
            return null;
        foreach (var word in Enum.GetValues<T>())
        {
            if (word.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return word;
        }

        _problem ??= $"{name}={text} is unknown: write {string.Join(", ", Enum.GetNames<T>().Select(word => word.ToLowerInvariant()))}.";
        return null;
    }

    private enum UsageStep
    {
        Hour,
        Day,
    }
}
