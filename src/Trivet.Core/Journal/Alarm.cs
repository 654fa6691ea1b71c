namespace Trivet.Core.Journal;

/// <summary>
/// Something a person should look at, with what it rests on. An alarm that is raised again with the same kind, subject and time is the same one.
/// </summary>
/// <param name="Kind">What is wrong, as one lower-case word or several with hyphens: <c>risk-control</c>, <c>audit</c>, <c>budget</c>.</param>
/// <param name="Subject">What it is about: an upstream, an offering (<c>upstream/model</c>), a vendor, an account.</param>
/// <param name="Text">One or two plain sentences. Never a payload, never a secret.</param>
/// <param name="AtMs">When it was noticed, Unix time in milliseconds.</param>
/// <param name="Evidence">The figures it rests on, by name.</param>
public sealed record Alarm(string Kind, string Subject, string Text, long AtMs, IReadOnlyDictionary<string, string> Evidence);

/// <summary>Takes alarms. Raising one never waits, neither for a database nor for a network, and never throws.</summary>
public interface IAlarmSink
{
    /// <summary>Hands an alarm over.</summary>
    void Raise(Alarm alarm);
}
