using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Trivet.WebConsole.Hosting;

/// <summary>What the pages of an area register: addresses below <c>/console</c>, each with who may.</summary>
internal sealed class ConsoleRoutes(IEndpointRouteBuilder console, ConsoleDoor door)
{
    /// <summary>A page. Parts of the address in braces are parameters of its component.</summary>
    public void Page<TPage>(string pattern, Access access = Access.Read) where TPage : IComponent =>
        console.MapGet(pattern, (RequestDelegate)(context => door.ShowAsync(context, access, typeof(TPage))));

    /// <summary>What a form of a page is sent to.</summary>
    public void Form(string pattern, Access access, FormHandler handler) => console.MapPost(pattern, (RequestDelegate)(context => door.SendAsync(context, access, handler)));

    /// <summary>A component that is shown live: made again at this pace and sent where it has changed. A page holds it in a <c>LivePart</c> of the same address.</summary>
    public void Live<TPart>(string pattern, TimeSpan pace, Access access = Access.Read) where TPart : IComponent =>
        console.MapGet(pattern, (RequestDelegate)(context => door.RunAsync(context, access, page => LiveFragments.StreamAsync(context, page, typeof(TPart), pace))));

    /// <summary>Something that is no page: a file, a feed.</summary>
    public void File(string pattern, Access access, Func<ConsoleContext, Task> write) => console.MapGet(pattern, (RequestDelegate)(context => door.RunAsync(context, access, write)));
}
