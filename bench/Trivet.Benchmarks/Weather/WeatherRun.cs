namespace Trivet.Benchmarks.Weather;

/// <summary>What a policy achieved in one draw.</summary>
/// <param name="Alone">Share of requests answered where there is one try.</param>
/// <param name="First">Share answered by the first try where a fallback is asked, too, and its outcome is learned from.</param>
/// <param name="Answered">Share answered by the first try or the fallback.</param>
/// <param name="Probes">Background questions for each request.</param>
internal readonly record struct WeatherScore(double Alone, double First, double Answered, double Probes);

/// <summary>One request in each slot, and nothing known but what came of asking.</summary>
internal static class WeatherRun
{
    public static WeatherScore Score(RelayWeather weather, Func<RelayWeather, IWeatherPolicy> make)
    {
        var (alone, _) = Run(weather, make(weather), withFallback: false);
        var policy = make(weather);
        var (first, answered) = Run(weather, policy, withFallback: true);
        return new WeatherScore(alone, first, answered, policy.Probes / (double)weather.Slots);
    }

    private static (double First, double Answered) Run(RelayWeather weather, IWeatherPolicy policy, bool withFallback)
    {
        var (first, answered) = (0, 0);
        for (var slot = 0; slot < weather.Slots; slot++)
        {
            var choice = policy.Choose(slot);
            var isWell = !weather.Fails[choice.First][slot];
            policy.Tell(choice.First, slot, isWell);
            if (isWell)
            {
                first++;
                answered++;
            }
            else if (withFallback)
            {
                isWell = !weather.Fails[choice.Second][slot];
                policy.Tell(choice.Second, slot, isWell);
                answered += isWell ? 1 : 0;
            }
        }

        return (first / (double)weather.Slots, answered / (double)weather.Slots);
    }
}
