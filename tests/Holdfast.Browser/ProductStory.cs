using System.Diagnostics;
using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>A person signs in to the sample product by way of Holdfast. The product is a process of its own, started as the guide says, on another host name.</summary>
public sealed class ProductStory
{
    [Theory]
    [Engines]
    public async Task Sign_in_to_the_product_prove_a_second_factor_and_be_signed_out_from_elsewhere(string engine)
    {
        using ReservedPort holdfast = new(), product = new();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>(Product.Registration("ten-lines", product)) { ["Port"] = $"{holdfast.Port}", ["PublicUrl"] = $"http://localhost:{holdfast.Port}" });
        using var sample = Sample.Start(app, product.Port);
        var (person, phone, elsewhere) = await app.AddWithTwoFactor();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var page = here.Page;
        await sample.Ready();

        await page.GotoAsync(sample.Address + "/");
        await Expect(page.GetByText("Nobody is signed in here.")).ToBeVisibleAsync();
        await here.Photograph("product-nobody");
        await page.GotoAsync(sample.Address + "/orders");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to Quayside" })).ToBeVisibleAsync();
        await page.GetByLabel("E-mail address").FillAsync(person.Email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        app.NextCode();
        await page.GetByLabel("6-digit code").FillAsync(phone.Code());
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByText("The orders of Tomasz Wiśniewski.")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(sample.Address + "/orders");
        // Proven a moment ago: Holdfast sends back without asking.
        await page.GotoAsync(sample.Address + "/payouts");
        await Expect(page.GetByText("may pay out")).ToBeVisibleAsync();
        await page.GotoAsync(sample.Address + "/");
        await Expect(page.GetByText("with a second factor.")).ToBeVisibleAsync();
        await here.Photograph("product-signed-in");

        // Sessions of other devices end: the next page that is loaded knows.
        (await elsewhere.Post("/api/v1/sessions/end-others")).Expect(200);
        await Until(async () =>
        {
            await page.ReloadAsync();
            return await page.GetByText("Nobody is signed in here.").IsVisibleAsync();
        });
        await page.GotoAsync(sample.Address + "/orders");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to Quayside" })).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    [Theory]
    [Engines]
    public async Task Sign_out_at_the_product_signs_out_at_Holdfast_as_well(string engine)
    {
        using ReservedPort holdfast = new(), product = new();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>(Product.Registration("ten-lines", product)) { ["Port"] = $"{holdfast.Port}", ["PublicUrl"] = $"http://localhost:{holdfast.Port}" });
        using var sample = Sample.Start(app, product.Port);
        var person = await app.AddAccount(workspace: "Northwind");
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script: false, width: 390);
        var page = here.Page;
        await here.SignIn(person.Email, person.Password);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        await sample.Ready();
        await page.GotoAsync(sample.Address + "/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByText("Northwind: member")).ToBeVisibleAsync();
        // There is no second factor: Holdfast says so.
        await page.GetByRole(AriaRole.Link, new() { Name = "Payouts" }).ClickAsync();
        await Expect(page.GetByText("two-factor", new() { Exact = false }).First).ToBeVisibleAsync();
        await here.Photograph("product-needs-factor");
        await page.GotoAsync(sample.Address + "/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByText("Nobody is signed in here.")).ToBeVisibleAsync();
        await page.GotoAsync("/account/security");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to Quayside" })).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    private static async Task Until(Func<Task<bool>> true_)
    {
        for (var i = 0; !await true_(); i++)
        {
            if (i > 100) throw new TimeoutException("Waited long enough");
            await Task.Delay(100);
        }
    }

    /// <summary>samples/TenLines, as it was built.</summary>
    private sealed class Sample : IDisposable
    {
        private readonly Process _process;

        private Sample(Process process, string address) => (_process, Address) = (process, address);

        public string Address { get; }

        public static Sample Start(TestApp app, int port)
        {
            var folder = Path.Combine(Repository.Root, "samples", "TenLines");
            var address = $"http://127.0.0.1:{port}";
            var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            foreach (var argument in new[] { Path.Combine(folder, "bin", "Release", "net10.0", "TenLines.dll"), "--urls", address, "--Holdfast:Authority", app.Settings.Server.Issuer }) start.ArgumentList.Add(argument);
            start.Environment["Holdfast__ClientSecret"] = Application.Secret("ten-lines");
            var process = Process.Start(start)!;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new Sample(process, address);
        }

        public async Task Ready()
        {
            using var http = new HttpClient();
            await Until(async () =>
            {
                if (_process.HasExited) throw new InvalidOperationException($"The sample ended with {_process.ExitCode}");
                try
                {
                    return (await http.GetAsync(new Uri(Address + "/"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
