using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Trivet.Core.Users;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Pages.Playground;
using Trivet.WebConsole.SignIn;

namespace Trivet.WebConsole;

/// <summary>What the console needs, beside the parts of Core that its pages show.</summary>
public static class ConsoleServices
{
    /// <summary>Adds it. <see cref="IUserStore"/>, <see cref="ISettingsStore"/> and <see cref="TimeProvider"/> are whoever hosts it's to add.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddSingleton<UserAdmin>();
        services.AddSingleton<SharedProtection>();
        services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<SharedProtection>());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "trivet_forms";
            options.Cookie.Path = ConsolePaths.Root;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.FormFieldName = "_forms";
            options.HeaderName = null;
            options.SuppressXFrameOptionsHeader = true; // ours is stricter
        });

        // The framework's key ring is not used, and would make a folder in the home directory at start.
        foreach (var warming in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            services.Remove(warming);
        services.AddSingleton<ConsoleDoor>();
        services.AddSingleton<SignInGate>();
        services.AddSingleton<PlaygroundDesk>();
        services.AddScoped<ConsoleContext>();
        return services;
    }
}
