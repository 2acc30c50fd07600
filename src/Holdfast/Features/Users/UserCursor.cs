using System.Buffers.Text;
using System.Text.Json;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>Where a page of the list ends, sealed: it holds a name, and names have no business in addresses and their logs. A place in the order, not a count: who comes and goes meanwhile moves nothing.</summary>
public sealed class UserCursor(KeyRing keys)
{
    private const int Longest = 1500;

    public string Write(string workspaceId, UserRow last) => Base64Url.EncodeToString(keys.Seal(Purpose(workspaceId), JsonSerializer.SerializeToUtf8Bytes(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["w"] = last.Word, ["n"] = last.NameSort, ["a"] = last.AccountId }, WebJson.Default.DictionaryStringString)));

    /// <returns>Null for what is none of ours: then the list begins at its beginning.</returns>
    public UserPlace? Read(string workspaceId, string? cursor)
    {
        if (string.IsNullOrEmpty(cursor) || cursor.Length > Longest || !Base64Url.IsValid(cursor) || keys.Open(Purpose(workspaceId), Base64Url.DecodeFromChars(cursor)) is not { } json) return null;
        var place = JsonSerializer.Deserialize(json, WebJson.Default.DictionaryStringString)!;
        return new UserPlace(place["w"], place["n"], place["a"]);
    }

    private static string Purpose(string workspaceId) => $"users cursor {workspaceId}";
}
