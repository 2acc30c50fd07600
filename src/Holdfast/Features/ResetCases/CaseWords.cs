using Holdfast.Texts;

namespace Holdfast.Features.ResetCases;

/// <summary>The record's names in words.</summary>
public static class CaseWords
{
    /// <param name="role">Key of a built-in role, or a custom one's name.</param>
    public static string Role(string role, Text text) => role is "owner" or "admin" or "member" ? text[$"role.{role}"] : role;

    /// <summary>Such as "Phone with the app, recovery codes"; null when nothing was named.</summary>
    public static string? Lost(CaseRequest request, Text text) => request.LostThings.Count == 0 ? null : string.Join(", ", request.LostThings.Select(thing => text[$"reset_case.lost.{thing}"]));

    /// <summary>ok, warn, danger, accent or empty.</summary>
    public static string Tone(string state) => state switch
    {
        CaseState.Requested => "warn",
        CaseState.Waiting => "accent",
        CaseState.Done => "ok",
        CaseState.Stopped => "danger",
        _ => "",
    };
}
