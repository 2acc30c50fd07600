using System.Text;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Features.ForwardAuth;

/// <summary>
/// Who is signed in, as headers that a proxy hands to the product. Each is there in every good answer and never empty: some proxies leave a client's own header
/// standing where the answer has none, or an empty one.
/// </summary>
public static class IdentityHeaders
{
    public const string Account = "Holdfast-Account";
    public const string Session = "Holdfast-Session";
    public const string Email = "Holdfast-Email";
    public const string Name = "Holdfast-Name";
    public const string Operator = "Holdfast-Operator";
    public const string Workspaces = "Holdfast-Workspaces";
    public const string Methods = "Holdfast-Methods";
    public const string ProvenAt = "Holdfast-Proven-At";
    public const string ProvenWith = "Holdfast-Proven-With";

    /// <summary>In place of nothing.</summary>
    public const string None = "none";

    /// <summary>At the end of a list that is longer.</summary>
    public const string More = "more";

    /// <summary>Proxies set aside some kilobytes for headers. Who is in more workspaces is told of the first ones, by name.</summary>
    public const int MostWorkspaces = 40;

    public static readonly IReadOnlyList<string> All = [Account, Session, Email, Name, Operator, Workspaces, Methods, ProvenAt, ProvenWith];

    public static KeyValuePair<string, StringValues>[] Of(SignedIn me) =>
    [
        new(Account, me.Account.Id),
        new(Session, me.Session.Id),
        new(Email, Encode(me.Account.Email)),
        new(Name, Encode(me.Account.Name)),
        new(Operator, me.Account.IsOperator ? "true" : "false"),
        new(Workspaces, List(me.Memberships)),
        new(Methods, me.Session.SignedInWith),
        new(ProvenAt, Moments.Machine(me.Session.ProvenAt)),
        new(ProvenWith, me.Session.ProvenWith),
    ];

    /// <summary><c>id:slug:role</c> for each, joined by commas.</summary>
    private static string List(IReadOnlyList<Membership> memberships)
    {
        if (memberships.Count == 0) return None;
        var list = memberships.Take(MostWorkspaces).Select(m => $"{m.WorkspaceId}:{Encode(m.Slug, ":, ")}:{Encode(m.Role, ":, ")}");
        return string.Join(',', memberships.Count > MostWorkspaces ? list.Append(More) : list);
    }

    /// <summary>
    /// Percent-encoding (RFC 3986 §2.1) of UTF-8: headers carry ASCII alone. Only what is no printable ASCII is encoded, the percent sign, spaces at the ends,
    /// and <paramref name="separators"/>.
    /// </summary>
    public static string Encode(string text, string separators = "")
    {
        var encoded = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var isPlain = rune.Value is > ' ' and <= '~' and not '%' || (rune.Value == ' ' && encoded.Length > 0);
            if (isPlain && !(rune.Value < 128 && separators.Contains((char)rune.Value, StringComparison.Ordinal))) encoded.Append((char)rune.Value);
            else foreach (var one in utf8[..rune.EncodeToUtf8(utf8)]) encoded.Append('%').Append(one.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        var end = encoded.Length;
        while (end > 0 && encoded[end - 1] == ' ') end--;
        var spaces = encoded.Length - end;
        encoded.Length = end;
        return encoded.Insert(end, "%20", spaces).ToString();
    }
}
