using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>A client tells by the id which call a result answers: no two calls of an answer have the same one, whatever the vendor called them.</summary>
public sealed class CallIdTests
{
    public static TheoryData<Protocol> Protocols => [.. WireDoor.All.Select(door => door.Protocol)];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Calls_that_share_an_id_are_told_apart_whole_and_streamed_alike(Protocol protocol)
    {
        var response = new CanonicalResponse { Origin = Protocol.BedrockConverse, Id = "x", StopReason = StopReason.ToolCalls };
        foreach (var arguments in (string[])["""{"q":1}""", """{"q":2}""", """{"q":3}"""])
            response.Blocks.Add(new ToolCallBlock { Id = "a", Name = "f", Arguments = System.Text.Encoding.UTF8.GetBytes(arguments) });
        var door = WireDoor.Of(protocol);
        Assert.Equal(["a", "a_2", "a_3"], Ids(door.Through(response, new LossList())));
        Assert.Equal(["a", "a_2", "a_3"], Ids(door.Streamed(response, new LossList())));
    }

    private static IEnumerable<string> Ids(CanonicalResponse response) => response.Blocks.OfType<ToolCallBlock>().Select(call => call.Id.ToString());
}
