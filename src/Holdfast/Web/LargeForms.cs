namespace Holdfast.Web;

/// <summary>Marks a page that takes a file: its forms may be as long as <see cref="Largest"/>. Everything else stays at <see cref="Problems.LargestBody"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LargeFormsAttribute : Attribute
{
    /// <summary>Bytes: a million characters, each of which a form may write as nine.</summary>
    public const long Largest = 9 * 1024 * 1024;
}
