namespace Trivet.Core.Admin;

/// <summary>How long the old secret of a key that is rotated works too, as operators type it.</summary>
public static class KeyGrace
{
    /// <summary>The longest, in days.</summary>
    public const int DaysMax = 90;

    /// <summary>Reads it; nothing typed: it does not, and <paramref name="untilMs"/> (Unix milliseconds) is null. False with what is wrong.</summary>
    public static bool TryRead(string? text, DateTimeOffset now, out long? untilMs, out string problem)
    {
        (untilMs, problem) = (null, "");
        if (string.IsNullOrEmpty(text))
            return true;
        if (!TimeText.TryParseUntil(text, now, out var until))
            problem = $"write {TimeText.Forms}";
        else if (until <= now)
            problem = "that is in the past";
        else if (until > now.AddDays(DaysMax))
            problem = $"an old secret works {DaysMax} days at most";
        else
            untilMs = until.ToUnixTimeMilliseconds();
        return problem.Length == 0;
    }
}
