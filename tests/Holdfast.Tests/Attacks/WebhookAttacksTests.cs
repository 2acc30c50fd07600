extern alias HoldfastClient;

using System.Net;
using Holdfast.Features.Audit;
using Holdfast.Features.Webhooks;
using Holdfast.Tests.Support;
using HoldfastClient::Holdfast.Client;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Webhooks as a way into the own network, into headers, or past a signature.</summary>
public sealed class WebhookAttacksTests
{
    /// <summary>For the world: PublicUrl is not this machine, and letters go to a server that nobody asks.</summary>
    private static readonly Dictionary<string, string?> Public = new() { ["PublicUrl"] = "https://id.example.com", ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = "1", ["Mail:From"] = "id@example.com", ["Webhooks:Timeout"] = "2s" };

    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("::1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:93.184.216.34", true)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:0:a00:1::", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("ff02::1", false)]
    public void Only_public_networks_may_be_called_however_the_address_is_spelled(string address, bool may) => Assert.Equal(may, new OpenNetworks([], ownMachine: false).MayCall(IPAddress.Parse(address)));

    [Fact]
    public void What_the_settings_name_may_be_called_and_metadata_services_never()
    {
        var open = new OpenNetworks([IPNetwork.Parse("10.20.0.0/16"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")], ownMachine: false);
        foreach (var address in new[] { "10.20.1.1", "127.0.0.1", "192.168.1.1", "::ffff:10.20.1.1", "fd00::1" }) Assert.True(open.MayCall(IPAddress.Parse(address)), address);
        foreach (var address in new[] { "169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "0.0.0.0", "224.0.0.1" }) Assert.False(open.MayCall(IPAddress.Parse(address)), address);
        Assert.True(open.OwnMachine);
        Assert.False(new OpenNetworks([IPNetwork.Parse("10.0.0.0/8")], ownMachine: false).OwnMachine);
    }

    [Theory, Engines]
    public async Task An_address_in_the_own_network_is_refused_when_it_is_written_and_when_a_name_leads_there(string engine)
    {
        await using var inside = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Public);
        var (person, boss) = await app.SetUp();
        foreach (var address in new[] { "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0/" })
        {
            (await boss.Post(Hooks.Api, new { name = "x", address })).Expect(400, "webhook.address_network");
        }
        foreach (var address in new[] { inside.Address.ToString(), "http://localhost/", "http://watch.example/" }) (await boss.Post(Hooks.Api, new { name = "x", address })).Expect(400, "webhook.address_http");
        // A name may lead anywhere, and somewhere else a minute later: it is looked at when it is called.
        var (id, _) = await Hooks.Add(boss, $"https://localhost:{inside.Address.Port}/", AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Empty(inside.Received);
        var told = Assert.Single(await Hooks.Deliveries(app, id));
        Assert.Null(told.LastStatus);
        Assert.Contains("in a network that is not public", told.LastProblem, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task With_its_network_in_the_settings_a_system_on_this_machine_is_told(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>(Public) { ["Webhooks:Networks"] = "127.0.0.0/8" });
        var (person, boss) = await app.SetUp();
        await Hooks.Add(boss, system, AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Single(system.Received);
    }

    [Theory, Engines]
    public async Task Nothing_that_is_typed_becomes_a_header_or_another_request(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        foreach (var address in new[]
        {
            "https://watch.example/\r\nX-Evil: 1", "https://watch.example/\nhost: evil.example", "https://watch.example /", "https://watch.example\\@evil.example/", "https://evil.example\u2025/", "javascript:alert(1)", "file:///etc/passwd", "gopher://watch.example/", "//watch.example/", "https://", "/hooks",
        })
        {
            Assert.Equal(400, (await boss.Post(Hooks.Api, new { name = "x", address })).Status);
        }
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://user:secret@watch.example/" })).Expect(400, "webhook.address_parts");
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://watch.example/#part" })).Expect(400, "webhook.address_parts");
        (await boss.Post(Hooks.Api, new { name = "a\nb", address = "https://watch.example/" })).Expect(400, "form.characters");
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://watch.example/" + new string('a', 1000) })).Expect(400, "form.too_long");
        Assert.Equal(0, (await boss.Get(Hooks.Api)).Expect(200).Json.GetArrayLength());
        // What an operator typed is shown as they typed it.
        var (id, _) = await Hooks.Add(boss, "https://watch.example/hooks?a=%3Cscript%3E&b='x'", AuditKind.LogPruned);
        var page = await boss.Open($"/operator/webhooks/{id}");
        Assert.Equal("https://watch.example/hooks?a=%3Cscript%3E&b='x'", page.Document.QuerySelector("#address")!.GetAttribute("value"));
    }

    [Theory, Engines]
    public async Task A_call_that_was_changed_or_comes_again_much_later_or_was_signed_for_another_is_not_believed(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (person, boss) = await app.SetUp();
        var (_, secret) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        var (_, other) = await Hooks.Add(boss, system, AuditKind.PasswordReset);
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        var call = Assert.Single(system.Received);
        Assert.Equal(WebhookFault.None, Hooks.Read(app, call, secret, out _));
        Assert.Equal(WebhookFault.Signature, Hooks.Read(app, call, other, out _));
        Assert.Equal(WebhookFault.Signature, Hooks.Read(app, call with { Body = call.Body.Replace("failure", "success", StringComparison.Ordinal) }, secret, out _));
        app.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(WebhookFault.Timestamp, Hooks.Read(app, call, secret, out _));
    }

    [Theory, Engines]
    public async Task What_the_other_side_answers_is_kept_nowhere(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = async (context, body) =>
        {
            context.Response.StatusCode = 500;
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseFeature>()!.ReasonPhrase = "Tomasz Wisniewski was here";
            context.Response.Headers["X-Trace"] = "Tomasz";
            await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes("<script>Tomasz</script>"));
        };
        await using var app = await TestApp.Start(engine);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Equal((500, "no 2xx"), ((await Hooks.Endpoint(app, id)).LastStatus!.Value, (await Hooks.Endpoint(app, id)).LastProblem!));
        Assert.DoesNotContain("Tomasz", (await boss.Open($"/operator/webhooks/{id}")).Answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, line => line.Contains("Tomasz", StringComparison.Ordinal));
    }
}
