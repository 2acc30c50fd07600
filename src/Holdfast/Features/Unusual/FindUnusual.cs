using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Unusual;

/// <summary>Finds what is unusual as it happens, in the transaction of what happened: the person and the admins of their workspaces see it at once (SPEC S8).</summary>
public sealed class FindUnusual(FindPlace places, SendLetters outbox, HoldfastSettings settings)
{
    private const int MostFailures = 100;

    /// <summary>How long it is kept, open or not.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    private static readonly IReadOnlyList<string> Failures = [AuditKind.SignInFailed, AuditKind.SecondStepFailed];

    /// <summary>After a sign-in, before the log says that it happened.</summary>
    /// <param name="newCountry">The account was used from another one before.</param>
    /// <param name="told">A letter about this sign-in goes out already.</param>
    public async Task AtSignIn(WriteTx tx, Account account, Session session, Client client, bool newBrowser, bool newCountry, bool told, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var failures = await AuditTable.CountBackTo(tx, account.Id, AuditKind.SignedIn, Failures, now - GuessedRule.Window, MostFailures);
        var before = await UnusualTable.SignInBefore(tx, account.Id, session.Id) is { } row ? new SignInBefore(row.CreatedAt, places.Of(row.Address, text)) : null;
        foreach (var found in UnusualRules.Look(new SignInSeen(now, failures, newBrowser, newCountry, places.Of(client.Address, text), before)))
        {
            await Raise(tx, account.Id, found, session.Id, client, now);
            // One letter about one sign-in is enough: the other has the same button.
            if (told || found.Kind == UnusualKind.NewCountry) continue;
            await Tell(tx, account, found, session.SignedInWith, client, text, now);
            told = true;
        }
    }

    /// <summary>Puts down what was found.</summary>
    /// <param name="workspaceId">Where it belongs to one workspace alone: no other sees it. Empty for what is about the whole account.</param>
    internal static async Task Raise(WriteTx tx, string accountId, Finding found, string sessionId, Client client, DateTimeOffset now, string workspaceId = "")
    {
        var e = new UnusualEvent
        {
            AccountId = accountId, Id = Ids.New(now), Kind = found.Kind, Severity = found.Severity, At = now, SessionId = sessionId, Address = client.Address, UserAgent = client.UserAgent, Hints = client.Hints,
            Facts = JsonSerializer.Serialize(new Dictionary<string, string>(found.Facts, StringComparer.Ordinal), WebJson.Default.DictionaryStringString),
        };
        await UnusualTable.Insert(tx, e, workspaceId);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.UnusualFound, accountId, client) { ActorId = "", SessionId = sessionId, WorkspaceId = workspaceId, Data = new Dictionary<string, string> { ["unusual"] = found.Kind, ["severity"] = found.Severity } });
    }

    private async Task Tell(WriteTx tx, Account account, Finding found, string signedInWith, Client client, Text text, DateTimeOffset now)
    {
        var link = await MakeNotMeLink.Run(tx, account, settings.Server, text, now);
        await outbox.Enqueue(tx, "unusual", account.Id, UnusualLetter.Build(settings.Product, text, new UnusualFacts(
            account.Email, account.FirstName, UnusualWords.Say(found.Kind, found.Facts, text), client.Device.Name(text, settings.Product.Name), places.Of(client.Address, text).SayInLetter(text), LetterTime.Format(text, now, account.TimeZone),
            Methods.Say(signedInWith, text), link)), now);
    }
}

/// <summary>What was found, in words.</summary>
public static class UnusualWords
{
    /// <param name="facts">As the rule gave them.</param>
    public static string Say(string kind, IReadOnlyDictionary<string, string> facts, Text text) => kind switch
    {
        UnusualKind.TooFar when facts.TryGetValue("from", out var from) => text["unusual.too_far.from", facts.GetValueOrDefault("km", "…"), facts.GetValueOrDefault("minutes", "…"), from],
        // The name as it was written down is in the language of then.
        UnusualKind.NewCountry => text["unusual.new_country", CountryNames.Of(facts.GetValueOrDefault("code", ""), text.Culture.TwoLetterISOLanguageName) ?? facts.GetValueOrDefault("country", "…")],
        _ => text[$"unusual.{kind}", facts.GetValueOrDefault("failures") ?? facts.GetValueOrDefault("km") ?? facts.GetValueOrDefault("app") ?? facts.GetValueOrDefault("key") ?? "", facts.GetValueOrDefault("minutes", "")],
    };

    /// <summary>For admins: what kind of thing, without places and numbers.</summary>
    public static string Short(string kind, Text text) => text[$"unusual.{kind}.short"];

    /// <summary>The same, standing alone.</summary>
    public static string Alone(string kind, Text text)
    {
        var words = Short(kind, text);
        return string.Concat(char.ToUpper(words[0], text.Culture).ToString(), words.AsSpan(1));
    }

    public static string Tone(string severity) => severity switch { Severity.High => "danger", Severity.Medium => "warn", _ => "" };
}
