using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.DevMail;
using Holdfast.Features.Passwords;
using Holdfast.Features.Recovery;
using Holdfast.Features.Setup;
using Holdfast.Features.Workspaces;
using Holdfast.Hosting;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>Somebody with an account.</summary>
public sealed record Person(string Id, string Email, string Name, string Password);

/// <summary>The real server in this process, on a free port of this machine, over a real database. Only the clock is made up.</summary>
public sealed class TestApp : IAsyncDisposable
{
    /// <summary>What everybody's password is unless a test says otherwise.</summary>
    public const string Password = "kvikkjokk-lapporten";

    /// <summary>Another one that the rules accept.</summary>
    public const string OtherPassword = "tjåkkeli & sarektjåkkå";

    private static readonly ConcurrentDictionary<string, Lazy<Task<PasswordHash>>> Hashes = new(StringComparer.Ordinal);

    private readonly WebApplication _app;
    private readonly TestDatabase? _owned;
    private readonly HttpClient _http;

    private TestApp(WebApplication app, TestDatabase database, bool owned, FakeClock clock, LogCapture logs, HoldfastSettings settings)
    {
        (_app, Database, _owned, Clock, Logs, Settings) = (app, database, owned ? database : null, clock, logs, settings);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public TestDatabase Database { get; }

    public FakeClock Clock { get; }

    public LogCapture Logs { get; }

    public HoldfastSettings Settings { get; }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public Db Db => Get<Db>();

    public DateTimeOffset Now => Clock.GetUtcNow();

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>What the server does by itself every few minutes: ends what ran out, deletes what is over.</summary>
    public Task Tidy() => Services.GetServices<IHostedService>().OfType<Background>().Single().Tidy(CancellationToken.None);

    /// <param name="database">Shared with another server; null makes one of its own.</param>
    public static async Task<TestApp> Start(string engine, IReadOnlyDictionary<string, string?>? settings = null, FakeClock? clock = null, TestDatabase? database = null, IReadOnlyList<Holdfast.Features.Erasure.IErasureConnector>? connectors = null)
    {
        var (own, logs, time) = (database ?? await TestDatabase.Make(engine), new LogCapture(), clock ?? new FakeClock());
        var values = own.Settings();
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>()) values[key] = value;
        var read = TestSettings.Read(values);
        try
        {
            var app = await HoldfastHost.Build(read, time, logging => logging.ClearProviders().AddProvider(logs), connectors);
            await app.StartAsync();
            return new TestApp(app, own, database is null, time, logs, read);
        }
        catch
        {
            if (database is null) await own.DisposeAsync();
            throw;
        }
    }

    /// <summary>A browser that has never been here.</summary>
    public Visitor Visitor(string userAgent = Support.Visitor.Firefox) => new(_http, Logs) { UserAgent = userAgent };

    /// <summary>A browser in which <paramref name="person"/> has just signed in.</summary>
    public async Task<Visitor> SignedIn(Person person, bool keep = false, string userAgent = Support.Visitor.Firefox)
    {
        var visitor = Visitor(userAgent);
        (await visitor.SignIn(person.Email, person.Password, keep)).Expect(204);
        return visitor;
    }

    /// <summary>A browser in which somebody with two-factor has just signed in, both steps.</summary>
    public async Task<Visitor> SignedIn(Person person, Phone phone, string userAgent = Support.Visitor.Firefox)
    {
        var visitor = Visitor(userAgent);
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        NextCode();
        (await visitor.Verify(phone.Code())).Expect(200);
        return visitor;
    }

    /// <summary>Sets up an authenticator app the way programs do, and says that the codes are saved.</summary>
    public async Task<Phone> Enrol(Visitor visitor, string name = "My phone")
    {
        var begun = (await visitor.Post("/api/v1/two-factor/apps")).Expect(200).Json;
        var phone = new Phone(Clock, begun.GetProperty("key").GetString()!, begun.GetProperty("id").GetString()!, []);
        var confirmed = (await visitor.Post($"/api/v1/two-factor/apps/{phone.Id}/confirm", new { code = phone.Code(), name })).Expect(200).Json;
        if (!confirmed.TryGetProperty("recoveryCodes", out var codes)) return phone;
        (await visitor.Post("/api/v1/two-factor/recovery-codes/saved")).Expect(204);
        return phone with { Codes = [.. codes.EnumerateArray().Select(code => code.GetString()!)] };
    }

    /// <summary>Somebody who has an app and ten recovery codes, and a browser in which they are signed in.</summary>
    public async Task<(Person Person, Phone Phone, Visitor Visitor)> AddWithTwoFactor(string email = "tomasz@almondbirch.example", string name = "Tomasz Wiśniewski")
    {
        var person = await AddAccount(email, name);
        var visitor = await SignedIn(person);
        return (person, await Enrol(visitor), visitor);
    }

    /// <summary>Half a minute later every app shows another code.</summary>
    public void NextCode() => Clock.Advance(TimeSpan.FromSeconds(30));

    /// <summary>Makes the first account the way people do, by the link of the start.</summary>
    public async Task<(Person Person, Visitor Visitor)> SetUp(string email = "greta@quayside.example", string name = "Greta Lindqvist")
    {
        var link = await Get<SetUp>().MakeLink() ?? throw new InvalidOperationException("There is an account already");
        var visitor = Visitor();
        (await visitor.Post("/api/v1/setup", new { link = link.Reveal(), name, workspace = "Northwind", email, password = Password })).Expect(204);
        var account = await Db.Read(tx => AccountTable.ByEmail(tx, email));
        return (new Person(account!.Id, email, name, Password), visitor);
    }

    /// <summary>Puts an account straight into the tables. The hash of each password is made once for all tests.</summary>
    public async Task<Person> AddAccount(string email = "tomasz@almondbirch.example", string name = "Tomasz Wiśniewski", string password = Password, string? workspace = null)
    {
        var hash = await Hashes.GetOrAdd(password, text => new Lazy<Task<PasswordHash>>(() => Hash(text))).Value;
        var account = new Account { Id = Ids.New(Now), Email = email, Name = name, CreatedAt = Now };
        await Db.Write(async tx =>
        {
            if (!await AccountTable.Insert(tx, account)) throw new InvalidOperationException($"{email} is taken");
            await PasswordTable.Insert(tx, new PasswordRow { AccountId = account.Id, Phc = hash.Phc, PepperId = hash.PepperId, Score = 4, ChangedAt = Now });
            if (workspace is not null) await WorkspaceTable.AddMember(tx, await WorkspaceTable.Insert(tx, workspace, Now), account.Id, "member", Now);
            return 0;
        });
        return new Person(account.Id, email, name, password);
    }

    /// <summary>Letters that have arrived for an address, oldest first, once everything due has been sent.</summary>
    public async Task<IReadOnlyList<Letter>> Letters(string to)
    {
        for (var tries = 0; ; tries++)
        {
            await Get<AnswerQuietly>().RunDue(CancellationToken.None);
            await Get<SendLetters>().SendDue();
            // The server answers and sends by itself as well: what it has taken is not ours to do, but soon done.
            if (await Db.Read(async tx => await QuietRequestTable.Waiting(tx) + (await OutboxTable.State(tx))!.Waiting) == 0) break;
            if (tries > 200) throw new TimeoutException("Letters are still waiting");
            await Task.Delay(50);
        }
        return [.. (await Get<Mailbox>().List()).Select(pair => pair.Letter).Where(letter => letter.To == to).Reverse()];
    }

    /// <summary>The secret in a letter's link to <paramref name="path"/>, such as <c>/not-me</c>.</summary>
    public static string TokenIn(Letter letter, string path)
    {
        var match = Regex.Match(letter.Text, Regex.Escape(TestSettings.PublicUrl + path) + @"\?token=(?<token>[A-Za-z0-9_-]{43})\s", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return match.Success ? match.Groups["token"].Value : throw new InvalidOperationException($"No link to {path} in:\n{letter.Text}");
    }

    /// <summary>The secret in the newest letter that has a link to <paramref name="path"/>. Letters of one moment come in no order.</summary>
    public async Task<string> LastLink(string to, string path) => TokenIn((await Letters(to)).Last(letter => letter.Text.Contains($"{path}?token=", StringComparison.Ordinal)), path);

    public static TokenHash HashOf(string token) => SecretToken.TryHash(token, out var hash) ? hash : throw new ArgumentException("Not a token", nameof(token));

    /// <summary>Tells the server to stop, as SIGTERM does.</summary>
    public Task Stop() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var fault in Logs.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal))) await Console.Error.WriteLineAsync(fault);
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_owned is not null) await _owned.DisposeAsync();
    }

    private static async Task<PasswordHash> Hash(string password)
    {
        using var hasher = new PasswordHasher(TestSettings.Read().Passwords);
        return (await hasher.Hash(PlainPassword.From(password))).Value;
    }
}
