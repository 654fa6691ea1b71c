namespace Trivet.Tests;

public sealed class ArchitectureTests
{
    [Fact]
    public void Placeholder_until_layers_exist() => Assert.True(typeof(ArchitectureTests).IsSealed);
}
