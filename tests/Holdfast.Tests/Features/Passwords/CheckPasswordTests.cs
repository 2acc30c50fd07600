using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Holdfast.Configuration;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Features.Passwords;

[SuppressMessage("Security", "CA5350", Justification = "The lists ask for SHA-1.")]
public sealed class CheckPasswordTests
{
    private static readonly PasswordSettings Settings = PasswordTestSettings.Default;

    [Fact]
    public async Task All_that_is_wrong_comes_in_one_refusal()
    {
        await using var use = new Use(Settings with { RequireLettersAndNumbers = true });
        var refusal = (await use.Check.Run(PlainPassword.From("short"), PasswordContext.Empty, "password")).Refusal;
        Assert.Equal("password.too_short password.letters_and_numbers", string.Join(' ', refusal!.Each.Select(each => each.Code)));
        Assert.All(refusal.Each, each => Assert.Equal(("password", 400), (each.Field, each.Status)));
        Assert.True((await use.Check.Run(PlainPassword.From("xkqzjwvb wrlp 7"), PasswordContext.Empty)).Ok);
    }

    [Fact]
    public async Task A_known_breach_is_looked_up_after_the_rules()
    {
        var file = Path.GetTempFileName();
        try
        {
            var hash = Convert.ToHexString(SHA1.HashData("kvikkjokk-lapporten"u8.ToArray()));
            await File.WriteAllTextAsync(file, hash + ":4\r\n");
            await using var use = new Use(Settings with { BreachCheck = BreachCheck.File, BreachFile = file });
            var refusal = (await use.Check.Run(PlainPassword.From("kvikkjokk-lapporten"), PasswordContext.Empty)).Refusal;
            Assert.Equal(("password.breached", 400, "newPassword"), (refusal!.Code, refusal.Status, refusal.Field));
            Assert.True((await use.Check.Run(PlainPassword.From("kvikkjokk-lapportem"), PasswordContext.Empty)).Ok);
            Assert.Equal("password.common", (await use.Check.Run(PlainPassword.From("password"), PasswordContext.Empty)).Refusal!.Code);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_rules_wait_in_the_queue_of_the_hashes()
    {
        await using var use = new Use(Settings with { Threads = 1, Queue = 1 });
        using var hold = new ManualResetEventSlim();
        var running = use.Hasher.Run(() => hold.Wait(TimeSpan.FromSeconds(30)));
        var waiting = use.Hasher.Run(() => true);
        Assert.Equal("hashing.queue_full", (await use.Check.Run(PlainPassword.From("kvikkjokk-lapporten"), PasswordContext.Empty)).Refusal!.Code);
        Assert.Equal("hashing.queue_full", (await use.Check.Measure(PlainPassword.From("kvikkjokk-lapporten"), PasswordContext.Empty)).Refusal!.Code);
        hold.Set();
        await Task.WhenAll(running, waiting);
    }

    [Theory]
    [InlineData("", 0, "password.strength.empty", null, "password.required")]
    [InlineData("password", 0, "password.strength.0", "password.advice.common", "password.common")]
    [InlineData("/miller/", 0, "password.strength.0", "password.advice.personal", "password.context")]
    [InlineData("P@ssw0rd 2024", 0, "password.strength.0", "password.advice.swaps", "password.guessable")]
    [InlineData("Xw4!mQz", 2, "password.strength.2", "password.advice.longer", "password.too_short")]
    [InlineData("x7Q!x7Q!", 1, "password.strength.1", "password.advice.repeat", "password.common")]
    [InlineData("zzzzzzzzzzzz9", 0, "password.strength.0", "password.advice.repeat", "password.guessable")]
    [InlineData("fghjkloiuy", 0, "password.strength.0", "password.advice.keyboard", "password.guessable")]
    [InlineData("xkqzjwvb", 3, "password.strength.3", null, null)]
    [InlineData("correct horse battery staple", 4, "password.strength.4", null, null)]
    public async Task The_meter_shows_what_the_server_would_say(string text, int score, string label, string? advice, string? code)
    {
        await using var use = new Use(Settings);
        var context = new PasswordContext(["Janine Miller"], false);
        var strength = (await use.Check.Measure(PlainPassword.From(text), context)).Value;
        Assert.Equal((score, label, advice, code), (strength.Score, strength.Label, strength.Advice, strength.Refusal?.Code));
        Assert.Equal(code, (await use.Check.Run(PlainPassword.From(text), context)).Refusal?.Code);
    }

    [Fact]
    public void Every_refusal_strength_and_advice_has_a_text()
    {
        string[] refusals = ["password.required", "password.too_short", "password.too_long", "password.not_unicode", "password.letters_and_numbers", "password.common", "password.context", "password.guessable", "password.breached", "password.breach_service_down", "hashing.queue_full"];
        Assert.All(refusals, code => Assert.True(Text.English.Has($"refusal.{code}"), code));
        string[] advice = ["common", "date", "digits", "keyboard", "longer", "name", "personal", "repeat", "sequence", "swaps", "word"];
        Assert.All(advice, name => Assert.True(Text.English.Has($"password.advice.{name}"), name));
        string[] strengths = ["empty", "0", "1", "2", "3", "4"];
        Assert.All(strengths, name => Assert.True(Text.English.Has($"password.strength.{name}"), name));
        Assert.Equal("Use at least 8 characters.", Text.English["refusal.password.too_short", 8]);
    }

    private sealed class Use : IAsyncDisposable
    {
        private readonly BreachedPasswords _breached;

        public Use(PasswordSettings settings)
        {
            Hasher = new PasswordHasher(settings);
            _breached = new BreachedPasswords(settings);
            Check = new CheckPassword(settings, Hasher, _breached);
        }

        public PasswordHasher Hasher { get; }

        public CheckPassword Check { get; }

        public ValueTask DisposeAsync()
        {
            _breached.Dispose();
            Hasher.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
