namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>Something that must never happen has happened.</summary>
internal sealed class SimulationException(string message) : Exception(message);
