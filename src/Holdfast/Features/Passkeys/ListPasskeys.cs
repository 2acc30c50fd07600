using System.Buffers.Text;
using System.Text;
using Holdfast.Features.Sessions;
using Holdfast.Storage;

namespace Holdfast.Features.Passkeys;

/// <summary>A person's passkeys, and what browsers are to be told about them (WebAuthn L3 §5.1.10).</summary>
/// <param name="UserId">The user handle in base64url; null before the first passkey.</param>
public sealed record PasskeyList(IReadOnlyList<Passkey> All, string RpId, string? UserId)
{
    /// <summary>Ids in base64url of those that are taken: a browser hides the others.</summary>
    public IEnumerable<string> AcceptedIds => All.Where(p => p.IsTaken).Select(p => Base64Url.EncodeToString(p.CredentialId));
}

public sealed class ListPasskeys(Db db, RelyingParty here)
{
    public async Task<PasskeyList> Run(SignedIn me)
    {
        var (all, handle) = await db.Read<(List<Passkey>, string?)>(async tx => (await PasskeyTable.Of(tx, me.Account.Id), await PasskeyTable.Handle(tx, me.Account.Id)));
        return new PasskeyList(all, here.Id, handle is null ? null : Base64Url.EncodeToString(Encoding.ASCII.GetBytes(handle)));
    }

    /// <summary>Null before the first passkey.</summary>
    internal static async Task<PasskeyHolder?> Holder(ReadTx tx, string accountId) =>
        await PasskeyTable.Handle(tx, accountId) is { } handle ? new PasskeyHolder(accountId, handle, await PasskeyTable.Of(tx, accountId)) : null;
}
