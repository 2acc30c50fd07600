using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>Which workspace the pages around are about: the one in the address, else the one that this browser last looked at, else the first.</summary>
public static class Here
{
    /// <summary>Null for somebody without a workspace.</summary>
    public static Membership? Of(HttpContext context)
    {
        if (context.InWorkspaceOrNone() is { } actor) return actor.Membership;
        var (places, last) = (context.Me().Memberships, context.Request.Cookies[Cookies.Workspace]);
        return places.FirstOrDefault(m => m.Slug == last) ?? (places is [var first, ..] ? first : null);
    }

    /// <summary>Remembers it in this browser, without a secret: a short name that everybody there knows.</summary>
    public static void Remember(HttpContext context, WorkspaceActor actor)
    {
        if (context.Request.Cookies[Cookies.Workspace] != actor.Slug) Cookies.SetPlain(context.Response, Cookies.Workspace, actor.Slug);
    }
}
