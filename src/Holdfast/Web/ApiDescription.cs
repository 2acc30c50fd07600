using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.Web;

/// <summary>What the OpenAPI document says besides the endpoints: how to authenticate, and what every call needs.</summary>
internal static class ApiDescription
{
    internal static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(Secrets.PlainPassword) || context.JsonTypeInfo.Type == typeof(Secrets.PlainCode))
            {
                schema.Type = JsonSchemaType.String;
                schema.Format = "password";
                schema.Properties?.Clear();
            }
            // What is null is left out of every answer.
            foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (property.Type?.HasFlag(JsonSchemaType.Null) == true) schema.Required?.Remove(name);
            }
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Holdfast", Version = "v1",
                Description = $"Account security for people and for the product's own code. Calls that change something carry the header {Gate.ForgeryHeader} with any value, and JSON. Errors are RFC 9457 problem details with a permanent `code`.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["session"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = Cookies.Session, Description = "Set by signing in" },
                ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "hf_key_…", Description = "A workspace's key for a program; no cookie, and no header against forgery" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var open = context.Description.ActionDescriptor.EndpointMetadata.OfType<OpenToAllAttribute>().Any();
            if (!open)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("session", context.Document)] = [] }];
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Features.ApiKeys.OpenToKeysAttribute>().Any()) operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", context.Document)] = [] });
                Refuses(operation, "401", "Nobody is signed in, or the session is over");
            }
            if (!string.Equals(context.Description.HttpMethod, "GET", StringComparison.OrdinalIgnoreCase))
            {
                Refuses(operation, "403", $"The header {Gate.ForgeryHeader} is missing, or the call comes from a page of another site");
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter { Name = Gate.ForgeryHeader, In = ParameterLocation.Header, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Description = "Any value; shows that no foreign page makes the call" });
            }
            return Task.CompletedTask;
        });
    }

    /// <summary>What the gate answers before an endpoint is asked; endpoints that say more about a status keep their words.</summary>
    private static void Refuses(OpenApiOperation operation, string status, string when)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd(status, new OpenApiResponse { Description = when, Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() } });
    }
}
