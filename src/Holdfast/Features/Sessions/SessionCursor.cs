using System.Globalization;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>Pages of a person's list of sessions. A cursor is the place in the order, not a count: what is ended meanwhile moves nothing.</summary>
public static class SessionCursor
{
    /// <param name="sorted">The asking session first, then by last use, newest first.</param>
    /// <param name="after">Cursor of the page before; anything that is none counts as the beginning.</param>
    /// <param name="limit">1 or more.</param>
    public static (IReadOnlyList<Session> Page, string? Next) Page(IReadOnlyList<Session> sorted, string? after, int limit)
    {
        var rest = TryRead(after) is { } place ? [.. sorted.Skip(1).SkipWhile(s => Compare(s, place) >= 0)] : sorted;
        var page = rest.Take(limit).ToList();
        return (page, rest.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{page[^1].LastActiveAt.ToUnixTimeMilliseconds()}_{page[^1].Id}") : null);
    }

    private static (long At, string Id)? TryRead(string? cursor) =>
        cursor?.Split('_') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && Ids.IsWellFormed(id) ? (milliseconds, id) : null;

    private static int Compare(Session session, (long At, string Id) place)
    {
        var byTime = session.LastActiveAt.ToUnixTimeMilliseconds().CompareTo(place.At);
        return byTime != 0 ? byTime : string.CompareOrdinal(session.Id, place.Id);
    }
}
