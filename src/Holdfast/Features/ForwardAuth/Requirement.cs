using Holdfast.Features.Sessions;
using Holdfast.Web;

namespace Holdfast.Features.ForwardAuth;

/// <summary>What a part of the product asks of a person beyond being signed in: a place in a workspace, perhaps with one of some roles.</summary>
/// <param name="Workspace">Its id or the short name of its address; null asks for none.</param>
/// <param name="Roles">One of these; empty for any.</param>
public sealed record Requirement(string? Workspace, IReadOnlyList<string> Roles)
{
    public static readonly Requirement Nothing = new(null, []);

    private static readonly Refusal Unclear = new("forward_auth.query", 400);

    private static readonly Refusal NotAllowed = new("forward_auth.not_allowed", 403);

    /// <summary>Reads <c>?workspace=…&amp;role=owner,admin</c>. Refuses with <c>forward_auth.query</c> whatever it does not understand: a typing error must not open a door.</summary>
    public static Outcome<Requirement> Read(IQueryCollection query)
    {
        if (query.Any(pair => pair.Key is not ("workspace" or "role") || pair.Value.Count != 1 || string.IsNullOrWhiteSpace(pair.Value))) return Unclear;
        string[] roles = query["role"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (query.ContainsKey("role") && (roles.Length == 0 || !query.ContainsKey("workspace"))) return Unclear;
        return query.ContainsKey("workspace") ? new Requirement(query["workspace"].ToString(), roles) : Nothing;
    }

    /// <returns><c>forward_auth.not_allowed</c>, or null.</returns>
    public Refusal? RefusalOf(SignedIn me) =>
        Workspace is null || me.Memberships.Any(m => (m.WorkspaceId == Workspace || m.Slug == Workspace) && (Roles.Count == 0 || Roles.Contains(m.Role, StringComparer.Ordinal))) ? null : NotAllowed;
}
