namespace Trivet.Benchmarks.Weather;

/// <summary>Says whom to ask, and learns only from whom it asked.</summary>
internal interface IWeatherPolicy
{
    string Name { get; }

    /// <summary>How often it asked a relay, in the background, whether it is well again: counted once a slot and relay.</summary>
    int Probes => 0;

    /// <summary>Whom to ask in this slot, and whom if that fails.</summary>
    (int First, int Second) Choose(int slot);

    /// <summary>What came of asking.</summary>
    void Tell(int relay, int slot, bool isWell);
}
