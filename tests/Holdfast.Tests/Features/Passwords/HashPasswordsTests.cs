using System.Security.Cryptography;
using Holdfast.Configuration;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Holdfast.Tests.Features.Passwords;

public sealed class HashPasswordsTests
{
    private static readonly PasswordSettings Settings = PasswordTestSettings.Default;

    private static PlainPassword Typed(string text) => PlainPassword.From(text);

    private static async Task<PasswordHash> Made(PasswordHasher hasher, string text) => (await hasher.Hash(Typed(text))).Value;

    private static async Task<Verdict> Compared(PasswordHasher hasher, string text, PasswordHash? stored) => (await hasher.Verify(Typed(text), stored)).Value;

    [Fact]
    public async Task The_hash_is_a_PHC_string_with_the_parameters_in_force_and_salted_anew_each_time()
    {
        using var hasher = new PasswordHasher(Settings);
        var first = await Made(hasher, "correct horse battery");
        var second = await Made(hasher, "correct horse battery");
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", first.Phc, StringComparison.Ordinal);
        Assert.Null(first.PepperId);
        Assert.False(first.Phc == second.Phc);
        Assert.Equal(new Verdict(true, false), await Compared(hasher, "correct horse battery", first));
        Assert.Equal(new Verdict(true, false), await Compared(hasher, "correct horse battery", second));
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "correct horse batterz", first));
        Assert.DoesNotContain("argon2", first.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("caf\u00e9 au lait", "cafe\u0301 au lait")]
    [InlineData("\u212b ngstr\u00f6m", "\u00c5 ngstro\u0308m")]
    public async Task Composed_and_decomposed_spellings_are_one_password(string one, string other)
    {
        using var hasher = new PasswordHasher(Settings);
        Assert.True((await Compared(hasher, other, await Made(hasher, one))).Matches);
        Assert.True((await Compared(hasher, one, await Made(hasher, other))).Matches);
    }

    [Theory]
    [InlineData(" leading and trailing ", "leading and trailing")]
    [InlineData("CaseMatters99", "casematters99")]
    [InlineData("with\0null inside", "with")]
    [InlineData("ﬁre and ice", "fire and ice")]
    [InlineData("tab\tinside", "tab inside")]
    public async Task Nothing_is_trimmed_folded_or_cut(string password, string near)
    {
        using var hasher = new PasswordHasher(Settings);
        var stored = await Made(hasher, password);
        Assert.True((await Compared(hasher, password, stored)).Matches);
        Assert.False((await Compared(hasher, near, stored)).Matches);
    }

    [Fact]
    public async Task The_last_of_256_characters_counts()
    {
        using var hasher = new PasswordHasher(Settings);
        var stored = await Made(hasher, new string('x', 255) + "😀");
        Assert.True((await Compared(hasher, new string('x', 255) + "😀", stored)).Matches);
        Assert.False((await Compared(hasher, new string('x', 255) + "😁", stored)).Matches);
    }

    /// <summary>From the reference implementation's src/test.c (phc-winner-argon2), argon2id, version 19, password "password", salt "somesalt".</summary>
    [Theory]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    public async Task The_reference_vectors_match_and_move_to_the_parameters_in_force(string phc)
    {
        using var hasher = new PasswordHasher(Settings);
        Assert.Equal(new Verdict(true, true), await Compared(hasher, "password", new PasswordHash(phc, null)));
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "passwore", new PasswordHash(phc, null)));
    }

    [Fact]
    public async Task Raised_parameters_ask_for_a_rehash_after_a_match_alone()
    {
        PasswordHash old;
        using (var before = new PasswordHasher(Settings)) old = await Made(before, "correct horse battery");
        using var more = new PasswordHasher(Settings with { MemoryKiB = 32_768 });
        using var longer = new PasswordHasher(Settings with { Iterations = 3 });
        foreach (var hasher in new[] { more, longer })
        {
            Assert.Equal(new Verdict(true, true), await Compared(hasher, "correct horse battery", old));
            Assert.Equal(new Verdict(false, false), await Compared(hasher, "something else", old));
            Assert.Equal(new Verdict(true, false), await Compared(hasher, "correct horse battery", await Made(hasher, "correct horse battery")));
        }
    }

    [Fact]
    public async Task A_pepper_keys_the_password_and_can_be_brought_in_changed_and_dropped()
    {
        var (first, second) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        using var without = new PasswordHasher(Settings);
        using var with1 = new PasswordHasher(Settings with { Pepper = first });
        using var with2 = new PasswordHasher(Settings with { Pepper = second, PreviousPeppers = [first] });
        using var dropped = new PasswordHasher(Settings with { PreviousPeppers = [first, second] });

        var plain = await Made(without, "correct horse battery");
        var one = await Made(with1, "correct horse battery");
        var two = await Made(with2, "correct horse battery");
        Assert.Equal(PasswordHasher.PepperId(first), one.PepperId);
        Assert.Matches("^[0-9a-f]{16}$", one.PepperId);
        Assert.Equal(PasswordHasher.PepperId(second), two.PepperId);

        Assert.Equal(new Verdict(true, true), await Compared(with1, "correct horse battery", plain));
        Assert.Equal(new Verdict(true, false), await Compared(with1, "correct horse battery", one));
        Assert.Equal(new Verdict(true, true), await Compared(with2, "correct horse battery", one));
        Assert.Equal(new Verdict(true, false), await Compared(with2, "correct horse battery", two));
        Assert.Equal(new Verdict(false, false), await Compared(with2, "correct horse batterx", one));
        Assert.Equal(new Verdict(true, true), await Compared(dropped, "correct horse battery", two));
        // The pepper is part of the hash, not a label beside it.
        Assert.False((await Compared(with1, "correct horse battery", one with { PepperId = null })).Matches);
    }

    [Fact]
    public async Task An_unknown_pepper_matches_nothing_and_is_said_once_in_the_log()
    {
        var log = new Lines();
        PasswordHash stored;
        using (var other = new PasswordHasher(Settings with { Pepper = RandomNumberGenerator.GetBytes(32) })) stored = await Made(other, "correct horse battery");
        using var hasher = new PasswordHasher(Settings, log);
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "correct horse battery", stored));
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "correct horse battery", stored));
        Assert.Single(log.Written);
        Assert.Contains(stored.PepperId!, log.Written[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain text")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$short")]
    [InlineData("$2y$10$abcdefghijklmnopqrstuu")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ\0$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    public async Task A_damaged_hash_matches_nothing(string phc)
    {
        using var hasher = new PasswordHasher(Settings);
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "password", new PasswordHash(phc, null)));
        Assert.Equal(new Verdict(false, false), await Compared(hasher, "password", new PasswordHash(phc + new string('x', 200), null)));
    }

    [Fact]
    public async Task An_unknown_account_a_damaged_hash_and_an_unknown_pepper_are_compared_in_full_like_a_wrong_password()
    {
        using var hasher = new PasswordHasher(Settings with { Threads = 1 });
        var stored = await Made(hasher, "correct horse battery");
        foreach (var wrong in new[] { stored, null, stored with { Phc = "damaged" }, stored with { PepperId = "0123456789abcdef" } })
        {
            var before = hasher.Comparisons;
            Assert.False((await Compared(hasher, "something else", wrong)).Matches);
            Assert.Equal(1, hasher.Comparisons - before);
        }
    }

    [Fact]
    public async Task Beyond_the_queue_the_answer_is_a_refusal_at_once_and_afterwards_there_is_room_again()
    {
        using var hasher = new PasswordHasher(Settings with { Threads = 1, Queue = 2 });
        using var hold = new ManualResetEventSlim();
        var running = hasher.Run(() => hold.Wait(TimeSpan.FromSeconds(30)));
        var waiting = new[] { hasher.Hash(Typed("correct horse battery")), hasher.Hash(Typed("correct horse battery")) };
        Assert.Equal((2, 2), (hasher.Waiting, hasher.Capacity));

        var refused = await hasher.Verify(Typed("correct horse battery"), null);
        Assert.False(refused.Ok);
        Assert.Equal(("hashing.queue_full", 503, TimeSpan.FromSeconds(5)), (refused.Refusal.Code, refused.Refusal.Status, refused.Refusal.RetryAfter));
        Assert.Equal("hashing.queue_full", (await hasher.Run(() => 1)).Refusal!.Code);

        hold.Set();
        Assert.True((await running).Value);
        foreach (var task in waiting) Assert.True((await task).Ok);
        Assert.Equal(0, hasher.Waiting);
        Assert.True((await hasher.Hash(Typed("correct horse battery"))).Ok);
    }

    [Fact]
    public async Task A_flood_is_answered_in_full_by_hashes_and_refusals()
    {
        using var hasher = new PasswordHasher(Settings with { Threads = 2, Queue = 8 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => hasher.Verify(Typed($"password {i}"), null))));
        Assert.Contains(answers, answer => answer.Ok);
        Assert.Contains(answers, answer => !answer.Ok);
        Assert.All(answers, answer => Assert.False(answer.Ok && answer.Value.Matches));
        Assert.Equal(0, hasher.Waiting);
    }

    [Fact]
    public async Task Cancelling_frees_who_waits_and_drops_work_that_has_not_begun()
    {
        using var hasher = new PasswordHasher(Settings with { Threads = 1, Queue = 4 });
        using var hold = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var running = hasher.Run(() => hold.Wait(TimeSpan.FromSeconds(30)));
        var ran = false;
        var waiting = hasher.Run(() => ran = true, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        hold.Set();
        await running;
        Assert.True((await hasher.Run(() => true)).Value);
        Assert.False(ran);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hasher.Run(() => ran = true, cancel.Token));
        Assert.False(ran);
    }

    [Fact]
    public async Task Disposing_fails_who_waits_and_lets_what_runs_end()
    {
        var hasher = new PasswordHasher(Settings with { Threads = 1, Queue = 4 });
        using var hold = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var running = hasher.Run(() =>
        {
            begun.Set();
            return hold.Wait(TimeSpan.FromSeconds(30));
        });
        begun.Wait();
        var waiting = hasher.Hash(Typed("correct horse battery"));
        var disposing = Task.Run(hasher.Dispose);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.False(disposing.IsCompleted);
        hold.Set();
        Assert.True((await running).Value);
        await disposing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => hasher.Hash(Typed("correct horse battery")));
        hasher.Dispose();
    }

    [Fact]
    public async Task What_other_work_throws_reaches_its_caller_and_the_thread_goes_on()
    {
        using var hasher = new PasswordHasher(Settings with { Threads = 1 });
        await Assert.ThrowsAsync<FormatException>(() => hasher.Run<int>(() => throw new FormatException("seen")));
        Assert.Equal(7, (await hasher.Run(() => 7)).Value);
    }

    [Fact]
    public async Task The_threads_are_their_own_and_stand_back_behind_requests()
    {
        using var hasher = new PasswordHasher(Settings);
        var (pool, nice) = (await hasher.Run(() =>
        {
            var fields = File.ReadAllText("/proc/thread-self/stat").Split(") ")[1].Split(' ');
            return (Thread.CurrentThread.IsThreadPoolThread, int.Parse(fields[16], System.Globalization.CultureInfo.InvariantCulture)); // field 19 of proc_pid_stat(5)
        })).Value;
        Assert.False(pool);
        Assert.True(nice >= 5, $"niceness is {nice}");
    }

    [Fact]
    public async Task What_follows_a_hash_does_not_run_on_its_thread()
    {
        using var hasher = new PasswordHasher(Settings);
        var name = await hasher.Hash(Typed("correct horse battery")).ContinueWith(_ => Thread.CurrentThread.Name ?? "", CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Assert.DoesNotContain("hash-", name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_password_is_never_hashed_and_never_matches()
    {
        using var hasher = new PasswordHasher(Settings);
        await Assert.ThrowsAsync<ArgumentException>(() => hasher.Hash(Typed("")));
        await Assert.ThrowsAsync<ArgumentException>(() => hasher.Hash(Typed("lone \ud800 surrogate")));
        // UTF-8 writes a lone surrogate as U+FFFD: that must not make the two one password.
        var stored = await Made(hasher, "lone \ufffd surrogate");
        Assert.False((await Compared(hasher, "lone \ud800 surrogate", stored)).Matches);
        Assert.False((await Compared(hasher, "", stored)).Matches);
    }

    private sealed class Lines : ILogger<PasswordHasher>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Written) Written.Add(formatter(state, exception));
        }
    }
}
