/** Which fields of a Halo user haloform writes (all text; a department by its rows, departments.ts), and which of them list rows have (Users_List of Halo's contract). */

/** In every row of `GET /Users`: reading them costs nothing more. `azureoid` stands there as `azure_id` in contracts up to 2025. */
export const listedFields: readonly string[] = [
  ...["name", "firstname", "surname", "title", "emailaddress", "login", "notes"],
  ...["phonenumber", "homenumber", "mobilenumber", "mobilenumber2", "fax"],
  ...["activedirectory_dn", "onpremise_activedirectory_dn", "container_dn"],
  ...["other1", "other2", "other3", "other4", "other5", "azureoid"],
];

/** Only in `GET /Users/{id}`: one call a person. */
export const detailedFields: readonly string[] = [
  ...["email2", "email3", "manager_email", "admanager", "samaccountname", "department"],
  ...["third_party_id", "azure_tenant_id", "azure_tenant_domain"],
];

/** By its rows, which are what can be written (departments.ts). */
export const departmentField = "department";

export const customPrefix = "custom.";
