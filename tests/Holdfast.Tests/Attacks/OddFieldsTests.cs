using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Every field of every form and every call, one after the other, with what nobody types in it: refused or taken, never a fault of ours.</summary>
public sealed class OddFieldsTests
{
    private static readonly string[] Odd = ["\0", "a\0b", "\ufffe", "\u202e", "'", "%", "{0}", "=1+1", new string('9', 400)];

    /// <summary>What fits into a field of this name; an odd one that stands alone would hide behind what is refused before it.</summary>
    private static string Plausible(string name, Crew crew, Person member) => name switch
    {
        "email" or "to" => member.Email,
        "name" => "Somebody",
        "role" => "member",
        "reason" or "evidence" => CaseSetup.Reason,
        "reach" => "+48 22 555 01 47",
        "lost" => "phone",
        "known" or "stay" or "noStake" or "other" or "dry" or "mail" or "letters" or "keep" or "everyone" => "true",
        "id" => member.Id,
        "password" or "currentPassword" => TestApp.Password,
        "newPassword" or "newPasswordAgain" => TestApp.OtherPassword,
        "permissions" => "users.view",
        "language" => "en",
        "timeZone" => "Europe/Warsaw",
        "method" => "totp",
        "code" => "123456",
        "way" => "call",
        "do" => "approve",
        "grace" or "graceDays" => "14",
        "csv" => $"email\n{member.Email}\n",
        "workspace" => crew.Slug,
        "token" or "link" or "again" => new string('A', 43),
        "act" => "suspend",
        "rule" => "admins",
        _ => "x",
    };

    private static async Task<(Crew Crew, Person Member, Person Me)> Build(TestApp app)
    {
        var crew = await Crew.Found(app);
        var (member, me) = (await crew.Add("member"), await crew.Add("owner", "me@almondbirch.example"));
        await crew.Join(await app.AddAccount("second@almondbirch.example", "Second Owner"), "owner");
        await CaseSetup.Promote(app, me);
        return (crew, member, me);
    }

    /// <summary>A browser in which <paramref name="me"/> is signed in: some of the calls sign out, or somebody else in.</summary>
    private static async Task<Visitor> Still(TestApp app, Visitor visitor, Person me)
    {
        var answer = await visitor.Get("/api/v1/account");
        return answer.Status == 200 && answer.Json.GetProperty("email").GetString() == me.Email ? visitor : await app.SignedIn(me);
    }

    /// <summary>Everybody is where they were: what comes next finds somebody to act on, and somebody who may.</summary>
    private static Task<int> Restore(TestApp app, Crew crew, Person member, Person me) => app.Db.Write(async tx =>
    {
        await tx.Execute("DELETE FROM members WHERE workspace_id = @Id AND account_id IN (@a, @b)", new { crew.Id, a = member.Id, b = me.Id });
        await tx.Execute("UPDATE passwords SET phc = (SELECT p.phc FROM passwords p JOIN accounts a ON a.id = p.account_id WHERE a.email = 'second@almondbirch.example'), blocked_at = NULL WHERE account_id IN (@a, @b)", new { a = member.Id, b = me.Id });
        await tx.Execute("DELETE FROM throttles");
        await tx.Execute("UPDATE accounts SET operator_since = @Now, suspended_at = NULL WHERE id = @Id", new { app.Now, me.Id });
        await Holdfast.Features.Workspaces.WorkspaceTable.AddMember(tx, crew.Id, member.Id, "member", app.Now);
        await Holdfast.Features.Workspaces.WorkspaceTable.AddMember(tx, crew.Id, me.Id, "owner", app.Now);
        foreach (var person in new[] { member, me }) tx.Announce(new Holdfast.Storage.Announcement("account", person.Id));
        return 0;
    });

    private static string Fill(string pattern, Crew crew, Person member) =>
        System.Text.RegularExpressions.Regex.Replace("/" + pattern.Trim('/'), "\\{\\**(?<name>[A-Za-z]+)[^}]*\\}", m => Uri.EscapeDataString(Plausible(m.Groups["name"].Value, crew, member)), System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    [Theory, Engines]
    public async Task No_field_of_any_form_is_a_fault(string engine)
    {
        await using var app = await TestApp.Start(engine, SignUpTests.Open);
        var (crew, member, me) = await Build(app);
        var visitor = await app.SignedIn(me);
        var (faults, tried) = (new List<string>(), 0);
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().DistinctBy(r => r.RoutePattern.RawText))
        {
            if (route.Metadata.GetMetadata<PageActionDescriptor>() is not { } page) continue;
            var compiled = await app.Get<PageLoader>().LoadAsync(page, EndpointMetadataCollection.Empty);
            foreach (var handler in compiled.HandlerMethods.Where(h => h.HttpMethod is "Get" or "Post"))
            {
                var names = handler.Parameters.Where(p => p.ParameterType == typeof(string) || p.ParameterType == typeof(string[])).Select(p => p.BindingInfo?.BinderModelName ?? p.Name!).Where(n => !route.RoutePattern.RawText!.Contains($"{{{n}}}", StringComparison.Ordinal)).ToList();
                foreach (var name in names)
                {
                    foreach (var odd in Odd)
                    {
                        visitor = await Still(app, visitor, me);
                        var fields = handler.Parameters.Select(p => p.BindingInfo?.BinderModelName ?? p.Name!).Distinct().Select(n => new KeyValuePair<string, string>(n, n == name ? odd : Plausible(n, crew, member))).ToList();
                        var path = Fill(route.RoutePattern.RawText!, crew, member);
                        using var form = new FormUrlEncodedContent(fields);
                        // In parts: the other way of sending forms has no NUL.
                        using var parts = new MultipartFormDataContent { { new StringContent(await WorkspaceDoorsTests.FormToken(visitor)), "form_token" } };
                        foreach (var (field, value) in fields) parts.Add(new StringContent(value), field);
                        var query = handler.Name is { Length: > 0 } h ? $"?handler={h}" : "";
                        var answer = handler.HttpMethod == "Get" ? await visitor.Get($"{path}{query}{(query.Length > 0 ? "&" : "?")}{await form.ReadAsStringAsync()}") : await visitor.Send(HttpMethod.Post, path + query, parts);
                        if (answer.Status >= 500 && answer.Code != "hashing.queue_full") faults.Add($"{handler.HttpMethod} {path}{query} {name}={JsonSerializer.Serialize(odd)}: {answer.Status}");
                        if (handler.HttpMethod == "Post" && answer.Status < 400) await Restore(app, crew, member, me);
                        tried++;
                    }
                }
            }
        }
        Assert.True(tried > 100);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory, Engines]
    public async Task No_property_of_any_call_is_a_fault(string engine)
    {
        await using var app = await TestApp.Start(engine, SignUpTests.Open);
        var (crew, member, me) = await Build(app);
        var visitor = await app.SignedIn(me);
        var document = JsonNode.Parse((await visitor.Get("/openapi/v1.json")).Expect(200).Body)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        var (faults, shut, tried) = (new List<string>(), new List<string>(), 0);
        foreach (var (pattern, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (method == "parameters") continue;
                var path = Fill(pattern, crew, member);
                foreach (var query in (operation!["parameters"]?.AsArray() ?? []).Where(p => (string?)p!["in"] == "query"))
                {
                    foreach (var odd in Odd) await Try(method, $"{path}?{query!["name"]}={Uri.EscapeDataString(odd)}", null, $"{query["name"]}={odd}");
                }
                if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema || Resolve(schema)["properties"] is not JsonObject properties) continue;
                var whole = (JsonObject)Example(schema, "")!;
                await Try(method, path, whole, "everything");
                foreach (var (name, _) in properties)
                {
                    foreach (var odd in Odd.Select(o => (JsonNode?)o).Concat([null, new JsonArray(), new JsonArray((JsonNode?)null), new JsonArray("\0"), new JsonObject(), 1e300, -1, true]))
                    {
                        var body = whole.DeepClone().AsObject();
                        body[name] = odd?.DeepClone();
                        await Try(method, path, body, name);
                        // Within a list of objects as well.
                        if (whole[name] is not JsonArray { Count: 1 } list || list[0] is not JsonObject one) continue;
                        foreach (var (inner, _) in one)
                        {
                            body = whole.DeepClone().AsObject();
                            body[name]![0]![inner] = odd?.DeepClone();
                            await Try(method, path, body, $"{name}.{inner}");
                        }
                    }
                }
            }
        }
        Assert.True(tried > 500);
        // The door stood open: what is refused before anybody reads it shows nothing.
        Assert.DoesNotContain(shut, s => s.Contains("not_allowed", StringComparison.Ordinal) || s.Contains("session.", StringComparison.Ordinal) || s.Contains("step_up", StringComparison.Ordinal));
        Assert.True(faults.Count == 0, string.Join('\n', faults));

        async Task Try(string method, string path, JsonObject? body, string what)
        {
            visitor = await Still(app, visitor, me);
            var answer = await visitor.Send(HttpMethod.Parse(method.ToUpperInvariant()), path, body is null ? null : Visitor.Raw(body.ToJsonString()));
            if (answer.Status >= 500 && answer.Code != "hashing.queue_full") faults.Add($"{method} {path} {what}: {answer.Status} {body?.ToJsonString()}");
            if (what == "everything" && answer.Status is 401 or 403) shut.Add($"{method} {path}: {answer.Code}");
            if (method != "get" && answer.Status < 300) await Restore(app, crew, member, me);
            tried++;
        }

        JsonNode Resolve(JsonNode schema) => schema["$ref"] is { } reference ? Resolve(schemas[((string)reference!).Split('/')[^1]]!) : schema["oneOf"] is JsonArray any ? Resolve(any.First(s => (string?)s!["type"] != "null")!) : schema;

        JsonNode? Example(JsonNode schema, string name)
        {
            var resolved = Resolve(schema);
            var type = resolved["type"] is JsonArray types ? (string?)types.First(t => (string?)t != "null") : (string?)resolved["type"];
            if (resolved["properties"] is JsonObject properties) return new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, Example(p.Value!, p.Key))));
            return type switch { "array" => new JsonArray(Example(resolved["items"]!, name)), "boolean" => true, "integer" or "number" => 14, _ => Plausible(name, crew, member) };
        }
    }
}
