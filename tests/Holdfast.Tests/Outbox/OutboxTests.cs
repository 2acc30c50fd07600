using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Holdfast.Tests.Outbox;

public sealed class OutboxTests
{
    private const string Link = "http://localhost:8080/reset-password?token=Lw3Yb8KsPq6ZtXd2RnC5vMh9JfT7aGeULw3Yb8KsPq6";

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The outbox of one node, with a mail server that answers as told.</summary>
    private sealed class Node : IMailTransport, IAsyncDisposable
    {
        private readonly Engine _engine;

        public Node(TestDatabase database, FakeClock clock, string key, Dictionary<string, string?>? settings = null)
        {
            var values = database.Settings();
            foreach (var (name, value) in settings ?? []) values[name] = value;
            Settings = TestSettings.Read(values);
            _engine = Engine.Open(Settings);
            Db = new Db(_engine, new Announcements(clock));
            var logs = LoggerFactory.Create(logging => logging.AddProvider(Logs).SetMinimumLevel(LogLevel.Trace));
            Outbox = new SendLetters(Db, KeyRing.Parse(key.Split('\n'), "test"), this, clock, Settings, logs.CreateLogger<SendLetters>());
            Clock = clock;
        }

        public HoldfastSettings Settings { get; }

        public Db Db { get; }

        public SendLetters Outbox { get; }

        public FakeClock Clock { get; }

        public LogCapture Logs { get; } = new();

        public ConcurrentQueue<(string Id, Letter Letter)> Seen { get; } = new();

        public Func<Delivery> Answer { get; set; } = () => new Delivery.Accepted();

        public async Task<Delivery> Send(Letter letter, string messageId, CancellationToken stop)
        {
            Seen.Enqueue((messageId, letter));
            await Task.Yield();
            return Answer();
        }

        public Task<int> Enqueue(int count = 1) => Db.Write(async tx =>
        {
            for (var i = 0; i < count; i++) await Outbox.Enqueue(tx, "reset_password", "account", new Letter("a@b.example", $"Letter {i}", "<p>Hello</p>", $"Hello\n{Link}\n"), Clock.GetUtcNow());
            return 0;
        });

        public async Task<OutboxState> State() => (await Db.Read(OutboxTable.State))!;

        public ValueTask DisposeAsync() => _engine.DisposeAsync();
    }

    private static async Task<(TestDatabase Database, Node Node)> Start(string engine, Dictionary<string, string?>? settings = null)
    {
        var (database, clock) = (await TestDatabase.Make(engine), new FakeClock());
        var node = new Node(database, clock, Key(), settings);
        await Migrate.Run(node.Db, clock);
        return (database, node);
    }

    [Theory, Engines]
    public async Task A_letter_is_sent_after_the_commit_and_wiped(string engine)
    {
        var (database, node) = await Start(engine);
        await using var first = database;
        await using var second = node;
        await node.Enqueue();
        var waiting = await Sealed(node);
        Assert.NotNull(waiting);
        foreach (var text in new[] { "token=", "Hello", "a@b.example", "Letter" }) Assert.True(waiting.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) < 0, text);
        Assert.Equal(1, await node.Outbox.SendDue());
        Assert.Contains(Link, Assert.Single(node.Seen).Letter.Text, StringComparison.Ordinal);
        Assert.Null(await Sealed(node));
        Assert.Equal(0, (await node.State()).Waiting);
        node.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await node.Outbox.SendDue());
        Assert.Single(node.Seen);
    }

    private static Task<byte[]?> Sealed(Node node) => node.Db.Read(tx => tx.One<byte[]>("SELECT sealed FROM outbox"));

    [Theory, Engines]
    public async Task A_change_that_did_not_happen_sends_no_letter(string engine)
    {
        var (database, node) = await Start(engine);
        await using var first = database;
        await using var second = node;
        await node.Db.Write(async tx =>
        {
            await node.Outbox.Enqueue(tx, "reset_password", "account", new Letter("a@b.example", "x", "x", "x"), node.Clock.GetUtcNow());
            tx.Undo();
            return 0;
        });
        Assert.Equal(0, await node.Outbox.SendDue());
        Assert.Empty(node.Seen);
    }

    [Theory, Engines(false, true)]
    public async Task While_the_mail_server_is_down_waits_grow_to_an_hour_and_then_everything_goes_out_in_order(string engine, bool throws)
    {
        var (database, node) = await Start(engine);
        await using var first = database;
        await using var second = node;
        node.Answer = () => throws ? throw new FormatException($"quoting {Link}") : new Delivery.Later("no connection");
        await node.Enqueue();
        foreach (var wait in new[] { 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600 })
        {
            var tries = node.Seen.Count;
            Assert.Equal(0, await node.Outbox.SendDue());
            Assert.Equal(tries + 1, node.Seen.Count);
            node.Clock.Advance(TimeSpan.FromSeconds(wait - 1));
            Assert.Equal(0, await node.Outbox.SendDue());
            Assert.Equal(tries + 1, node.Seen.Count);
            node.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Single(node.Seen.Select(sent => sent.Id).Distinct());
        node.Clock.Advance(TimeSpan.FromHours(1));
        await node.Enqueue(3);
        Assert.Equal(4, (await node.State()).Waiting);
        node.Answer = () => new Delivery.Accepted();
        node.Seen.Clear();
        Assert.Equal(4, await node.Outbox.SendDue());
        Assert.Equal("Letter 0", node.Seen.First().Letter.Subject);
        Assert.Equal(4, node.Seen.Select(sent => sent.Id).Distinct().Count());
        Assert.Contains(node.Logs.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
        if (!throws) Assert.DoesNotContain("token=", node.Logs.Everything, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_letter_that_nobody_will_take_is_given_up_and_wiped_and_holds_up_no_other(string engine)
    {
        var (database, node) = await Start(engine);
        await using var first = database;
        await using var second = node;
        node.Answer = () => node.Seen.Count == 1 ? new Delivery.Never("550 no such person") : new Delivery.Accepted();
        await node.Enqueue(2);
        Assert.Equal(1, await node.Outbox.SendDue());
        Assert.Equal((0L, 1L), ((await node.State()).Waiting, await node.Db.Read(tx => OutboxTable.Failed(tx, DateTimeOffset.UnixEpoch))));
        Assert.Equal(0, await node.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM outbox WHERE sealed IS NOT NULL")));
        Assert.Equal("550 no such person", await node.Db.Read(tx => tx.One<string>("SELECT last_problem FROM outbox WHERE failed_at IS NOT NULL")));
        node.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await node.Outbox.SendDue());
        Assert.Equal(2, node.Seen.Count);
    }

    [Theory, Engines]
    public async Task After_days_of_trying_a_letter_is_given_up(string engine)
    {
        var (database, node) = await Start(engine, new() { ["Mail:GiveUpAfter"] = "1d" });
        await using var first = database;
        await using var second = node;
        node.Answer = () => new Delivery.Later("no connection");
        await node.Enqueue();
        for (var hours = 0; hours < 23; hours++)
        {
            await node.Outbox.SendDue();
            node.Clock.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(1, (await node.State()).Waiting);
        node.Clock.Advance(TimeSpan.FromHours(1));
        await node.Outbox.SendDue();
        Assert.Equal(0, (await node.State()).Waiting);
        Assert.Null(await Sealed(node));
        Assert.Equal(1, await node.Db.Read(tx => OutboxTable.Failed(tx, DateTimeOffset.UnixEpoch)));
    }

    [Theory, Engines]
    public async Task A_crash_between_handing_over_and_noting_it_sends_again_with_the_same_message_id(string engine)
    {
        var (database, node) = await Start(engine);
        await using var first = database;
        await using var second = node;
        await node.Enqueue();
        var now = node.Clock.GetUtcNow();
        var claim = node.Settings.Mail.Timeout * 2 + TimeSpan.FromMinutes(1);
        // What a node has done that took the row, handed the letter over and died.
        var row = await node.Db.Write(tx => OutboxTable.Claim(tx, now, now + claim));
        await node.Send(new Letter("a@b.example", "Letter 0", "", ""), row!.Id, CancellationToken.None);
        Assert.Equal(0, await node.Outbox.SendDue());
        node.Clock.Advance(claim - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await node.Outbox.SendDue());
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await node.Outbox.SendDue());
        Assert.Equal([row.Id, row.Id], node.Seen.Select(sent => sent.Id));
    }

    [Theory, Engines]
    public async Task Several_senders_at_once_send_each_letter_once(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var (clock, key) = (new FakeClock(), Key());
        // On SQLite one server, on PostgreSQL three.
        var nodes = Enumerable.Range(0, database.IsPostgres ? 3 : 1).Select(_ => new Node(database, clock, key)).ToList();
        await Migrate.Run(nodes[0].Db, clock);
        await nodes[0].Enqueue(40);
        for (var rounds = 0; (await nodes[0].State()).Waiting > 0 && rounds < 40; rounds++) await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => nodes[i % nodes.Count].Outbox.SendDue())));
        var sent = nodes.SelectMany(node => node.Seen).Select(each => each.Id).ToList();
        Assert.Equal((40, 40), (sent.Count, sent.Distinct().Count()));
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Theory, Engines]
    public async Task A_letter_outlives_a_new_key_and_is_given_up_without_its_own(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var (clock, old, next) = (new FakeClock(), Key(), Key());
        await using (var node = new Node(database, clock, old))
        {
            await Migrate.Run(node.Db, clock);
            await node.Enqueue();
        }
        await using (var node = new Node(database, clock, next + "\n" + old))
        {
            Assert.Equal(1, await node.Outbox.SendDue());
            await node.Enqueue();
        }
        await using (var node = new Node(database, clock, old))
        {
            Assert.Equal(0, await node.Outbox.SendDue());
            Assert.Empty(node.Seen);
            Assert.Equal((0L, 1L), ((await node.State()).Waiting, await node.Db.Read(tx => OutboxTable.Failed(tx, DateTimeOffset.UnixEpoch))));
        }
    }

    [Theory, Engines]
    public async Task A_mail_server_that_is_down_is_no_error_to_the_person(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Mail:Host"] = "localhost", ["Mail:Port"] = "1", ["Mail:Security"] = "None", ["Mail:Timeout"] = "2s" });
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        for (var i = 0; i < 400 && !app.Logs.Lines.Any(line => line.Contains("waits for another try", StringComparison.Ordinal)); i++) await Task.Delay(25);
        Assert.Contains("waits for another try", app.Logs.Everything, StringComparison.Ordinal);
        Assert.Equal(1, (await app.Db.Read(OutboxTable.State))!.Waiting);
        Assert.DoesNotContain("token=", app.Logs.Everything, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_real_mail_server_gets_the_letter(string engine)
    {
        await using var server = await ForeignMailServer.Plain();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Mail:Host"] = "localhost", ["Mail:Port"] = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), ["Mail:Security"] = "None" });
        var person = await app.AddAccount();
        (await (await app.SignedIn(person)).ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var letter = await server.Next();
        Assert.Equal(("Your password was changed", "Quayside"), (letter.Subject, letter.FromName));
        Assert.Equal([person.Email], letter.To);
        Assert.Empty(letter.Defects);
    }
}
