using System.Security.Cryptography;
using System.Text.Json;
using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>What may be lost. The names stand in forms and in the record.</summary>
public static class LostThing
{
    public const string Phone = "phone";
    public const string Codes = "codes";
    public const string Passkey = "passkey";

    public static readonly IReadOnlyList<string> All = [Phone, Codes, Passkey];
}

/// <summary>How an operator made sure of somebody. The names stand in forms and in the record.</summary>
public static class IdentityCheck
{
    /// <summary>Called back on a number known before the request.</summary>
    public const string Call = "call";

    /// <summary>A video call with an identity document.</summary>
    public const string Video = "video";

    /// <summary>A second admin of the workspace vouches.</summary>
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Call, Video, Admin];
}

/// <summary>What was asked for, in words; names as they were then.</summary>
/// <param name="Role">Key of a built-in role, or the name of a custom one.</param>
/// <param name="Lost">Of <see cref="LostThing"/>, joined by spaces.</param>
/// <param name="Reach">How an operator can reach the person.</param>
public sealed record CaseRequest(string By, string Role, string Workspace, string Person, string Email, string Lost, string Reason, string Reach)
{
    internal const string Part = "request";

    public IReadOnlyList<string> LostThings => Lost.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    internal CaseText Sealed() => CaseText.Seal(Part, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["by"] = By, ["role"] = Role, ["workspace"] = Workspace, ["person"] = Person, ["email"] = Email, ["lost"] = Lost, ["reason"] = Reason, ["reach"] = Reach,
    });

    /// <summary>With "…" for what is not there: a person's texts go when the person is erased.</summary>
    internal static CaseRequest Of(IReadOnlyDictionary<string, string> t) => new(t.Say("by"), t.Say("role"), t.Say("workspace"), t.Say("person"), t.Say("email"), t.GetValueOrDefault("lost", ""), t.Say("reason"), t.Say("reach"));
}

/// <summary>How it was decided.</summary>
/// <param name="Way">Of <see cref="IdentityCheck"/>; empty where it was declined without one.</param>
public sealed record CaseDecision(string By, string Way, string Evidence)
{
    internal const string Part = "decision";

    internal CaseText Sealed() => CaseText.Seal(Part, new Dictionary<string, string>(StringComparer.Ordinal) { ["by"] = By, ["way"] = Way, ["evidence"] = Evidence });

    internal static CaseDecision Of(IReadOnlyDictionary<string, string> t) => new(t.Say("by"), t.GetValueOrDefault("way", ""), t.Say("evidence"));
}

/// <summary>A text of a case with its salt, and the commitment that the case keeps.</summary>
internal sealed record CaseText(string Part, byte[] Salt, string Details, byte[] Commitment)
{
    public static CaseText Seal(string part, Dictionary<string, string> facts)
    {
        var (salt, details) = (RandomNumberGenerator.GetBytes(32), JsonSerializer.SerializeToUtf8Bytes(facts, WebJson.Default.DictionaryStringString));
        return new CaseText(part, salt, System.Text.Encoding.UTF8.GetString(details), AuditLog.Commit(salt, details));
    }

    /// <returns>Empty when it was erased.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> Read(ReadTx tx, ResetCase about, string part) =>
        await ResetCaseTable.Text(tx, about.AccountId, about.Id, part) is { } details ? JsonSerializer.Deserialize(details, WebJson.Default.DictionaryStringString)! : new Dictionary<string, string>(StringComparer.Ordinal);
}

internal static class CaseFacts
{
    public static string Say(this IReadOnlyDictionary<string, string> facts, string name) => facts.GetValueOrDefault(name, "…");
}
