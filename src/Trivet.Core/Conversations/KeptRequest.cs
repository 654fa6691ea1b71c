namespace Trivet.Core.Conversations;

/// <summary>What of a request is needed once its response is complete and kept: the body itself is given back long before.</summary>
/// <param name="PreviousId">The response it goes on from; empty for none.</param>
/// <param name="Input">Its own items: the value of <c>input</c> as it stood.</param>
internal sealed record KeptRequest(string PreviousId, byte[] Input);
