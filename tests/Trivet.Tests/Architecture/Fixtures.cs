// Types that break the rules on purpose, each in another syntactic place: the checker is tested against them.
#pragma warning disable CA1812, CA1823, CS0169, IDE0051, MA0036, CA1852, CA2000

namespace Trivet.Tests.Architecture.Fixtures.Hidden
{
    internal sealed class Holder
    {
        public int Current => 1;

        public static T Make<T>() => default!;
    }

    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class MarkerAttribute : Attribute;
}

namespace Trivet.Tests.Architecture.Fixtures.Innocent
{
    /// <summary>A comment that mentions <see cref="Hidden.Holder"/> is no use of it.</summary>
    internal sealed class OnlyTalks
    {
        public string Name => "Holder";
    }
}

namespace Trivet.Tests.Architecture.Fixtures.Guilty
{
    internal sealed class InField
    {
        private Hidden.Holder? _holder;
    }

    internal sealed class InGenericArgument
    {
        public List<Dictionary<string, Hidden.Holder[]>>? Many { get; init; }
    }

    internal sealed class InLambda
    {
        public Func<int> Read { get; } = () => new Hidden.Holder().Current;
    }

    internal sealed class InAsyncMethod
    {
        public async Task<int> ReadAsync(object o)
        {
            await Task.Yield();
            return o is Hidden.Holder h ? h.Current : 0;
        }
    }

    internal sealed class InTypeOf
    {
        public Type Type => typeof(Hidden.Holder);
    }

    internal sealed class InMethodArgument
    {
        public object Make() => Hidden.Holder.Make<int>();
    }

    [Hidden.Marker]
    internal sealed class InAttribute;

    internal sealed class MakesHandler
    {
        public HttpMessageHandler Make() => new SocketsHttpHandler();
    }

    internal sealed class Sends
    {
        public Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker) => invoker.SendAsync(new HttpRequestMessage(), default);
    }
}
