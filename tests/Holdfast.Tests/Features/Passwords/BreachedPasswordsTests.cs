using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Configuration;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Holdfast.Tests.Features.Passwords;

[SuppressMessage("Security", "CA5350", Justification = "The lists ask for SHA-1.")]
public sealed class BreachedPasswordsTests
{
    private static readonly PasswordSettings Settings = PasswordTestSettings.Default;
    private static readonly PlainPassword Password = PlainPassword.From("kvikkjokk-lapporten");
    private static readonly string Hash = Convert.ToHexString(SHA1.HashData("kvikkjokk-lapporten"u8.ToArray()));

    private static Task<bool> Finds(string file, byte[] hash) => BreachFile.Contains(new MemoryStream(Encoding.ASCII.GetBytes(file)), hash, default);

    private static byte[] Numbered(int seed, int i) => SHA1.HashData(Encoding.ASCII.GetBytes($"{seed}/{i}"));

    [Fact]
    public void A_hash_is_found_in_a_file_exactly_when_it_is_in_it()
    {
        Prop.ForAll<int, byte, byte>((seed, amount, form) =>
        {
            var hashes = Enumerable.Range(0, amount).Select(i => Numbered(seed, i)).OrderBy(Convert.ToHexString, StringComparer.Ordinal).ToList();
            var end = (form & 1) == 0 ? "\n" : "\r\n";
            var lines = hashes.Select((hash, i) =>
                ((form & 2) == 0 ? Convert.ToHexString(hash) : Convert.ToHexStringLower(hash)) + ((form & 4) == 0 ? "" : ":" + new string('7', 1 + i % 18)));
            var file = string.Join(end, lines) + ((form & 8) == 0 ? "" : end) + ((form & 16) == 0 ? "" : end + end);
            foreach (var hash in hashes)
            {
                if (!Finds(file, hash).GetAwaiter().GetResult()) return false;
            }
            byte[][] edges = [new byte[20], [.. Enumerable.Repeat((byte)255, 20)]];
            return Enumerable.Range(1000, 40).Select(i => Numbered(seed, i)).Concat(edges).All(hash => !Finds(file, hash).GetAwaiter().GetResult());
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public async Task Lines_of_any_length_a_mark_at_the_start_and_neighbours_are_read_right()
    {
        var low = "000000000000000000000000000000000000000A";
        var next = "000000000000000000000000000000000000000B";
        var high = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
        var file = $"{low}:{new string('1', 3000)}\n{next}\n{high}:1";
        Assert.True(await Finds(file, Convert.FromHexString(low)));
        Assert.True(await Finds(file, Convert.FromHexString(next)));
        Assert.True(await Finds(file, Convert.FromHexString(high)));
        Assert.False(await Finds(file, Convert.FromHexString("000000000000000000000000000000000000000C")));
        Assert.True(await BreachFile.Contains(new MemoryStream(Encoding.UTF8.GetBytes("\uFEFF" + file)), Convert.FromHexString(low), default));
        Assert.False(await Finds("", Convert.FromHexString(low)));
        Assert.False(await Finds("\r\n", Convert.FromHexString(low)));
    }

    [Theory]
    [InlineData("these are not hashes\n")]
    [InlineData("0123456789abcdef0123456789abcdef\n")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n")]
    public async Task Another_kind_of_file_is_noticed(string line)
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Finds(string.Concat(Enumerable.Repeat(line, 50)), new byte[20]));
        await Assert.ThrowsAsync<InvalidDataException>(() => Finds(new string('x', 300_000), new byte[20]));
    }

    [Fact]
    public async Task A_file_of_many_gigabytes_is_searched_by_a_few_short_reads()
    {
        var file = new Endless(1_000_000_000);
        Assert.Equal(42_000_000_000, file.Length);
        Assert.True(await BreachFile.Contains(file, Endless.Hash(777_777_777), default));
        Assert.True(await BreachFile.Contains(file, Endless.Hash(0), default));
        Assert.True(await BreachFile.Contains(file, Endless.Hash(999_999_999), default));
        var between = Endless.Hash(777_777_777);
        between[19] = 1;
        file.BytesRead = 0;
        Assert.False(await BreachFile.Contains(file, between, default));
        Assert.True(file.BytesRead < 64 * 1024, $"{file.BytesRead} bytes were read");
    }

    [Theory]
    [InlineData(BreachServiceDown.Allow, null)]
    [InlineData(BreachServiceDown.Refuse, "password.breach_service_down")]
    public async Task A_missing_file_follows_the_setting_for_a_service_that_is_down(BreachServiceDown down, string? code)
    {
        var log = new Lines();
        using var breached = new BreachedPasswords(Settings with { BreachCheck = BreachCheck.File, BreachFile = "/nowhere/at/all", BreachServiceDown = down }, log);
        Assert.Equal(code, (await breached.Check(Password))?.Code);
        Assert.Single(log.Written);
    }

    [Fact]
    public async Task Without_a_check_nothing_is_refused()
    {
        using var breached = new BreachedPasswords(Settings);
        Assert.Null(await breached.Check(PlainPassword.From("password")));
    }

    [Fact]
    public async Task The_service_learns_five_digits_and_answers_by_suffix()
    {
        await using var service = await RangeService.Start(context => context.Response.WriteAsync($"{new string('0', 35)}:3\r\n{Hash[5..].ToLowerInvariant()}:17\r\n{new string('F', 35)}:0"));
        using var breached = service.Client();
        var refusal = await breached.Check(Password, "password");
        Assert.Equal(("password.breached", 400, "password"), (refusal!.Code, refusal.Status, refusal.Field));
        var request = Assert.Single(service.Requests);
        Assert.Equal($"GET /range/{Hash[..5]} padding=true agent=Holdfast trace=", request);
        Assert.Null(await breached.Check(PlainPassword.From("something else entirely")));
    }

    [Fact]
    public async Task Composed_and_decomposed_spellings_have_one_hash()
    {
        var hash = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes("caf\u00e9 au lait")));
        await using var service = await RangeService.Start(context => context.Response.WriteAsync($"{hash[5..]}:1"));
        using var breached = service.Client();
        Assert.Equal("password.breached", (await breached.Check(PlainPassword.From("cafe\u0301 au lait")))!.Code);
    }

    [Fact]
    public async Task Padding_does_not_count()
    {
        await using var service = await RangeService.Start(context => context.Response.WriteAsync($"{Hash[5..]}:0\r\n{new string('A', 35)}:12\r\n"));
        using var breached = service.Client(BreachServiceDown.Refuse);
        Assert.Null(await breached.Check(Password));
    }

    public static TheoryData<string> Failures => ["500", "404", "204", "redirect", "slow", "slow in the middle", "huge", "garbage", "empty", "half a line", "count below zero", "binary", "broken off"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task When_the_service_does_not_answer_right_the_setting_decides(string failure)
    {
        await using var service = await RangeService.Start(context => Fail(context, failure));
        var log = new Lines();
        using (var allowing = service.Client(BreachServiceDown.Allow, log)) Assert.Null(await allowing.Check(Password));
        Assert.DoesNotContain(Hash[..5], Assert.Single(log.Written), StringComparison.OrdinalIgnoreCase);
        using var refusing = service.Client(BreachServiceDown.Refuse);
        var started = Stopwatch.GetTimestamp();
        var refusal = await refusing.Check(Password);
        Assert.Equal(("password.breach_service_down", 503, TimeSpan.FromSeconds(60)), (refusal!.Code, refusal.Status, refusal.RetryAfter));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(service.Requests, request => request.Contains("elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_nobody_listens_the_setting_decides_and_giving_up_is_no_answer()
    {
        var settings = Settings with { BreachCheck = BreachCheck.Service, BreachServiceUrl = new Uri("http://127.0.0.1:1/range/"), BreachServiceDown = BreachServiceDown.Refuse };
        using var breached = new BreachedPasswords(settings);
        Assert.Equal("password.breach_service_down", (await breached.Check(Password))!.Code);

        await using var service = await RangeService.Start(context => Fail(context, "slow"));
        using var waiting = service.Client();
        using var cancel = new CancellationTokenSource();
        var check = waiting.Check(Password, cancel: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    private static async Task Fail(HttpContext context, string failure)
    {
        var row = $"{Hash[5..]}:17\r\n";
        switch (failure)
        {
            case "500" or "404" or "204":
                context.Response.StatusCode = int.Parse(failure, System.Globalization.CultureInfo.InvariantCulture);
                if (failure != "204") await context.Response.WriteAsync(row);
                break;
            case "redirect":
                context.Response.Redirect("/elsewhere/");
                break;
            case "slow":
                await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted);
                break;
            case "slow in the middle":
                await context.Response.WriteAsync(row);
                await context.Response.Body.FlushAsync();
                await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted);
                break;
            case "huge":
                for (var i = 0; i < 10_000; i++) await context.Response.WriteAsync(row);
                break;
            case "broken off":
                context.Response.ContentLength = 10_000;
                await context.Response.WriteAsync(row);
                context.Abort();
                break;
            default:
                await context.Response.WriteAsync(failure switch
                {
                    "garbage" => "<html><body>Sign in to the hotel's network</body></html>",
                    "half a line" => row + Hash[5..20],
                    "count below zero" => $"{Hash[5..]}:-1",
                    "binary" => "\0\u0001\u0002\u0003",
                    _ => "",
                });
                break;
        }
    }

    /// <summary>A file of 42 bytes a line that is made up while it is read.</summary>
    private sealed class Endless(long lines) : Stream
    {
        private const int Line = 42;

        public long BytesRead { get; set; }

        public override long Position { get; set; }

        public override long Length => lines * Line;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public static byte[] Hash(long line)
        {
            var hash = new byte[20];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(hash, line * 9_000_000_000);
            return hash;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Fill(Span<byte> buffer)
        {
            var length = (int)Math.Min(buffer.Length, Length - Position);
            for (var i = 0; i < length; i++, Position++)
            {
                var column = (int)(Position % Line);
                buffer[i] = column switch { 40 => (byte)'\r', 41 => (byte)'\n', _ => (byte)Convert.ToHexString(Hash(Position / Line))[column] };
            }
            return length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var length = Fill(buffer.Span);
            BytesRead += length;
            return ValueTask.FromResult(length);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>A small real server that speaks the range protocol, or not.</summary>
    private sealed class RangeService : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private RangeService(WebApplication app) => _app = app;

        public List<string> Requests { get; } = [];

        public static async Task<RangeService> Start(RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var service = new RangeService(app);
            app.Run(context =>
            {
                var (request, headers) = (context.Request, context.Request.Headers);
                lock (service.Requests) service.Requests.Add($"{request.Method} {request.Path} padding={headers["Add-Padding"]} agent={headers.UserAgent} trace={headers.TraceParent}");
                return answer(context);
            });
            await app.StartAsync();
            return service;
        }

        public BreachedPasswords Client(BreachServiceDown down = BreachServiceDown.Allow, ILogger<BreachedPasswords>? log = null) =>
            new(Settings with { BreachCheck = BreachCheck.Service, BreachServiceUrl = new Uri(_app.Urls.First() + "/range/"), BreachTimeout = TimeSpan.FromSeconds(1), BreachServiceDown = down }, log);

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();
    }

    private sealed class Lines : ILogger<BreachedPasswords>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Written) Written.Add(formatter(state, exception) + exception);
        }
    }
}
