using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Keys;
using Trivet.Core.Users;
using Trivet.Storage;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>The admin API below <c>/admin/v1</c>: what the console shows and does, for programs. <c>/admin/v1/openapi.json</c> describes it.</summary>
internal static class AdminApi
{
    public const string Root = "/admin/v1";

    private const string DocumentName = "v1";

    public static void AddAdminApi(this IServiceCollection services, Database database)
    {
        services.AddSingleton(database.Owners);
        services.AddSingleton(database.Ledger);
        services.AddSingleton(database.LedgerBrowser);
        services.AddSingleton(database.Allowances);
        services.AddSingleton(database.Requests);
        services.AddSingleton(database.AdminTokens);
        services.AddSingleton<AdminTokenAdmin>();
        services.AddSingleton<KeyAdmin>();
        services.AddSingleton<OwnerAdmin>();
        services.AddSingleton<BudgetAdmin>();
        services.AddSingleton<UsageAdmin>();
        services.AddSingleton<RequestAdmin>();
        services.AddSingleton<TraceAdmin>();
        services.AddSingleton<PayloadAdmin>();
        services.AddSingleton<BooksAdmin>();
        services.AddSingleton<LedgerAdmin>();
        services.AddSingleton<AdminDoor>();
        services.ConfigureHttpJsonOptions(json => AdminJson.Configured(json.SerializerOptions));
        services.AddOpenApi(DocumentName, options =>
        {
            options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("admin/v1", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer(Describe);
            options.AddOperationTransformer(AddParameters);
        });
    }

    public static void MapAdminApi(this WebApplication app)
    {
        app.MapOpenApi(Root + "/openapi.json");
        var door = app.Services.GetRequiredService<AdminDoor>();
        var api = app.MapGroup(Root).AddEndpointFilter(door.PassAsync);
        api.MapRequests();
        api.MapKeys();
        api.MapOwners();
        api.MapUsage();
        api.MapLedger();
        api.MapTokens();
        api.Map("/{**path}", () => AdminProblems.Of(StatusCodes.Status404NotFound, $"There is nothing here for this method and type of content; {Root}/openapi.json describes what there is.")).For(AdminAccess.Read).ExcludeFromDescription();
    }

    /// <summary>Marks who may ask.</summary>
    public static RouteHandlerBuilder For(this RouteHandlerBuilder endpoint, AdminAccess access) => endpoint.WithMetadata(new AccessMark(access));

    /// <summary>Says what an endpoint does, and what its answers are.</summary>
    public static RouteHandlerBuilder Tells<T>(this RouteHandlerBuilder endpoint, AdminAccess access, string tag, string name, string summary, params (string Name, string Meaning)[] parameters)
    {
        endpoint.For(access).WithTags(tag).WithName(name).WithSummary(summary).Produces<T>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        foreach (var (parameter, meaning) in parameters)
            endpoint.WithMetadata(new QueryParameter(parameter, meaning));
        return endpoint;
    }

    /// <summary>A question from the address. Parameters that the endpoint does not know are refused: a mistyped filter must not answer for everything.</summary>
    public static string? UnknownParameter(HttpContext context)
    {
        var known = context.GetEndpoint()?.Metadata.GetOrderedMetadata<QueryParameter>().Select(parameter => parameter.Name).ToList() ?? [];
        return context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown
            ? known.Count == 0 ? $"{unknown} is not known here: this takes no parameters." : $"{unknown} is not known here: this takes {string.Join(", ", known)}."
            : null;
    }

    /// <summary>Reads the question of an address.</summary>
    public static QueryText Question(HttpContext context) =>
        new(name => context.Request.Query[name] is { Count: > 0 } values ? values[^1] : null, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Trivet admin API",
            Version = DocumentName,
            Description = "Money is whole nano-units (1.00 = 1,000,000,000) beside its currency; sums of two currencies are never added. Times are ISO 8601. Errors are problem details (RFC 9457). "
                + "Lists go on with 'after', which takes what a page gives as 'next'; a page may be short or empty and still go on.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Made by 'trivet admin-tokens create NAME --role ROLE'. An admin's key works too." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }

    private static Task AddParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameter>())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = parameter.Name, In = ParameterLocation.Query, Description = parameter.Meaning, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }

        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessMark>().FirstOrDefault() is { Access: not AdminAccess.Read and var access })
            operation.Description = $"For {access switch { AdminAccess.Account => "accountants and owners", AdminAccess.Operate => "operators and owners", _ => "owners" }}.";
        return Task.CompletedTask;
    }
}

/// <summary>A parameter of an address, for the description and for refusing others.</summary>
internal sealed record QueryParameter(string Name, string Meaning);
