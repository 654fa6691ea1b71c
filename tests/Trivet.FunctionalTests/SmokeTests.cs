namespace Trivet.FunctionalTests;

public sealed class SmokeTests
{
    [Fact]
    public void Placeholder_until_layers_exist() => Assert.True(typeof(SmokeTests).IsSealed);
}
