using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>By what others' events may name a person: names and addresses of today and of before, as far as anything here still tells.</summary>
/// <param name="Names">Names and addresses.</param>
/// <param name="Addresses">Canonical; none that is another account's by now.</param>
public sealed record KnownAs(IReadOnlySet<string> Names, IReadOnlyList<string> Addresses)
{
    public static async Task<KnownAs> Of(ReadTx tx, Account account)
    {
        var names = new HashSet<string>(await ErasedRowsTable.ShownNames(tx, account.Id), StringComparer.OrdinalIgnoreCase) { account.Name, account.Email };
        names.UnionWith(await ErasedRowsTable.FormerNames(tx, account.Id));
        var addresses = new List<string> { MailAddressShape.Canonical(account.Email) };
        foreach (var address in await ErasedRowsTable.FormerAddresses(tx, account.Id))
        {
            // Somebody else has it by now: what names it is about them.
            if (await AccountTable.ByEmail(tx, address) is { } other && other.Id != account.Id) continue;
            names.Add(address);
            addresses.Add(MailAddressShape.Canonical(address));
        }
        names.Remove("");
        return new KnownAs(names, [.. addresses.Distinct(StringComparer.Ordinal)]);
    }
}
