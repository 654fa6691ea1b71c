namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>All that takes foreign bytes.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<IFuzzTarget>> Makers = Make();

    public static IReadOnlyCollection<string> Names => Makers.Keys;

    public static IFuzzTarget Create(string name) => Makers[name]();

    private static Dictionary<string, Func<IFuzzTarget>> Make()
    {
        var makers = new Dictionary<string, Func<IFuzzTarget>>(StringComparer.Ordinal)
        {
            ["sse"] = () => new SseTarget(),
            ["bedrock-frames"] = () => new FrameTarget(),
            ["json"] = () => new JsonTarget(),
            ["errors"] = () => new ErrorTarget(),
        };
        foreach (var door in FuzzDoor.Clients)
            makers[door.Name + "-request"] = () => new RequestTarget(door);
        foreach (var door in FuzzDoor.Upstreams)
        {
            makers[door.Name + "-answer"] = () => new AnswerTarget(door);
            makers[door.Name + "-stream"] = () => new StreamTarget(door);
        }

        makers["config"] = () => new ConfigTarget();
        return makers;
    }
}
