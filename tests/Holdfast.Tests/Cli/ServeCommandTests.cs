using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class ServeCommandTests
{
    private const string Password = "copper-lantern-drizzle-quartz-41";

    private static HttpClient Client(string address)
    {
        var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Add("X-Holdfast-Request", "1");
        return http;
    }

    /// <returns>The cookies of the first account.</returns>
    private static async Task<string> SetUp(HoldfastProcess server)
    {
        using var http = Client(server.Address);
        var link = Printed.Find(server.Out, @"/setup\?token=([\w-]{43})");
        var made = await http.PostAsJsonAsync("/api/v1/setup", new { link, name = "Ann Example", workspace = "Acme", email = "ann@example.com", password = Password });
        Assert.Equal(HttpStatusCode.NoContent, made.StatusCode);
        return string.Join("; ", made.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    [Fact]
    public async Task A_killed_server_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var port = $"{HoldfastProcess.FreePort()}";
        await using var first = await HoldfastProcess.Serve("--data", folder.Path, "--port", port);
        var cookies = await SetUp(first);
        await first.Kill();

        await using var second = await HoldfastProcess.Serve("--data", folder.Path, "--port", port);
        Assert.DoesNotContain("/setup?token=", second.Out, StringComparison.Ordinal);
        using var http = Client(second.Address);
        http.DefaultRequestHeaders.Add("Cookie", cookies);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/v1/session")).StatusCode);
        Assert.True((await http.PostAsJsonAsync("/api/v1/sign-in", new { email = "ann@example.com", password = Password })).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_stopped_server_ends_in_good_order()
    {
        using var folder = new TemporaryFolder();
        await using var server = await HoldfastProcess.Serve("--data", folder.Path, "--port", "0");
        var ended = await server.Stop();
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.False(File.Exists(folder.File("holdfast.db-wal")), "the journal was not written back");
    }

    [Fact]
    public async Task Both_the_name_and_the_number_of_this_machine_answer()
    {
        using var folder = new TemporaryFolder();
        await using var server = await HoldfastProcess.Serve("--data", folder.Path, "--port", $"{HoldfastProcess.FreePort()}");
        Assert.StartsWith("http://localhost:", server.Address);
        using var http = Client(server.Address);
        foreach (var host in new[] { "localhost", "127.0.0.1" }) Assert.Equal("ready", await http.GetStringAsync($"http://{host}:{new Uri(server.Address).Port}/health/ready"));
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_but_may_look()
    {
        using var folder = new TemporaryFolder();
        await using var server = await HoldfastProcess.Serve("--data", folder.Path, "--port", "0");
        await SetUp(server);
        foreach (var command in new string[][] { ["serve", "--port", "0"], ["migrate"], ["account", "create", "--email", "bob@example.com", "--name", "Bob"], ["account", "reset-link", "ann@example.com"], ["operator", "add", "ann@example.com"] })
        {
            var refused = await HoldfastProcess.Run([.. command, "--data", folder.Path]);
            Assert.Equal(2, refused.Code);
            Assert.Equal($"Data: another Holdfast has the database in {folder.Path}. Stop that one first, or use PostgreSQL to run several.", refused.OneError);
        }
        var journal = new FileInfo(folder.File("holdfast.db-wal")).Length;
        var listed = await HoldfastProcess.Run("account", "list", "--data", folder.Path);
        Assert.Equal(0, listed.Code);
        Assert.StartsWith("ann@example.com\tAnn Example\tacme (owner)\tyes\t", listed.Lines[1]);
        Assert.Equal(0, (await HoldfastProcess.Run("doctor", "--data", folder.Path)).Code);
        Assert.True(new FileInfo(folder.File("holdfast.db-wal")).Length >= journal, "looking wrote the journal back");
    }

    [Fact]
    public async Task Looking_at_what_a_killed_server_left_sees_all_of_it_and_leaves_the_journal_alone()
    {
        using var folder = new TemporaryFolder();
        await using var server = await HoldfastProcess.Serve("--data", folder.Path, "--port", "0");
        await SetUp(server);
        await server.Kill();
        var journal = await File.ReadAllBytesAsync(folder.File("holdfast.db-wal"));
        Assert.NotEmpty(journal);
        var listed = await HoldfastProcess.Run("account", "list", "--data", folder.Path);
        Assert.StartsWith("ann@example.com\t", listed.Lines[1]);
        Assert.Equal(journal, await File.ReadAllBytesAsync(folder.File("holdfast.db-wal")));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var ended = await HoldfastProcess.Run("serve", "--data", folder.Path, "--port", $"{port}");
        Assert.Equal((2, $"Port: another program listens on {port} already. Choose a free one with --port."), (ended.Code, ended.OneError));
        Assert.Empty(ended.Out);
    }
}
