namespace Holdfast.Client;

/// <summary>Return addresses are paths of the product alone: whoever writes a link to the sign-in must not send people elsewhere by it. Rules only.</summary>
internal static class LocalPath
{
    /// <summary>Characters. It has to fit into a cookie, with what stands beside it.</summary>
    public const int Longest = 1500;

    /// <summary>One slash, and then none: browsers take two, or a slash and a backslash, for another host. They drop tabs and line ends from addresses, so there may be none.</summary>
    public static bool Is(string? path) =>
        path is ['/', ..] && path.Length <= Longest && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(c => c is <= ' ' or '\\' or '\u007f' || char.IsControl(c));

    public static string Or(string? path, string otherwise) => Is(path) ? path! : otherwise;
}
