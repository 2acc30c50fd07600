using System.Diagnostics;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>A relying party that the OpenID Foundation certified (openid-client, on Node.js) goes the whole way. <c>./test</c> fetches it; where it is not there the test shows as skipped.</summary>
public sealed class CertifiedClientTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/openid-client");

    [Theory, Engines]
    public async Task A_certified_relying_party_goes_all_the_way(string engine)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules/openid-client")), "The package openid-client is not there: npm ci in tests/openid-client fetches it, and so does ./test");
        Assert.SkipUnless(await Version() >= 20, "Node.js 20 or later is not there");
        var port = Holdfast.Tests.Cli.HoldfastProcess.FreePort();
        // Here the issuer has to be the address that it really listens on.
        var issuer = $"http://127.0.0.1:{port}";
        await using var app = await TestApp.Start(engine, Application.Settings.Concat([new("Port", $"{port}"), new("PublicUrl", issuer)]).ToDictionary(p => p.Key, p => p.Value));
        var person = await app.AddAccount(workspace: "Almond & Birch");
        var start = new ProcessStartInfo("node", "flow.mjs") { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in new[] { ("ISSUER", issuer), ("EMAIL", person.Email), ("PASSWORD", person.Password), ("SECRET", Application.Secret("shop")) }) start.Environment[name] = value;
        using var node = Process.Start(start)!;
        var (said, wrong) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0 && (await said).Contains("all the way", StringComparison.Ordinal), await wrong);
    }

    /// <summary>The major version; 0 without one.</summary>
    private static async Task<int> Version()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true, UseShellExecute = false })!;
            return int.TryParse((await node.StandardOutput.ReadToEndAsync()).TrimStart('v').Split('.')[0], System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return 0;
        }
    }
}
